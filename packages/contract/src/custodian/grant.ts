/**
 * Grants: what a person permits the custodian to do once, proven by the person's own key against the custodian's own
 * enrolment. The server passes grants on; it can neither make nor change one.
 * @module
 */
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { CanonicalBase64Url } from "./base64url.ts"
import { FilingTemplate } from "./filing-template.ts"
import { P256PublicKey, PersonSignature } from "./signature.ts"

/** Name and version of a grant's form. */
export const GRANT_FORMAT = "nightlight-grant/1"

/** Opaque id of a person, case, report, grant or piece of evidence: 1 to 80 letters, digits, `.`, `_`, `:`, `-`. */
export const OpaqueId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$/)

/** Base64url without padding, in its canonical form. */
export const Base64Url = CanonicalBase64Url.min(1)

/** Reasons of a viewing. */
export const VIEWING_REASONS = ["decide", "second-review", "report", "quality", "law-enforcement", "appeal"] as const

/** One sealed item of a grant. */
export const GrantedEvidence = z.strictObject({
  evidenceId: OpaqueId,
  /** SHA-256 of the age file, so that only the granted file is opened. */
  ciphertextSha256: Sha256Hex,
})

const shared = {
  format: z.literal(GRANT_FORMAT),
  /** Single use: the custodian's journal knows every grant that it has acted on. */
  grantId: OpaqueId,
  caseId: OpaqueId,
  issuedAt: Timestamp,
  /** At most 10 minutes after `issuedAt` for a viewing, 24 hours for a report, 14 days for destruction and disclosure. */
  expiresAt: Timestamp,
}

/** Permits one person to see a small, grey, blurred derivative. */
export const DerivativeGrant = z.strictObject({
  ...shared,
  purpose: z.literal("derivative"),
  person: OpaqueId,
  reason: z.enum(VIEWING_REASONS),
  evidence: GrantedEvidence,
  /** The viewer's ephemeral ECDH key: only its private half can read the answer. */
  viewerKey: P256PublicKey,
})

/** Permits one person to see the whole unaltered file; a second person proves it too. */
export const OriginalGrant = z.strictObject({
  ...shared,
  purpose: z.literal("original"),
  person: OpaqueId,
  reason: z.enum(VIEWING_REASONS),
  evidence: GrantedEvidence,
  viewerKey: P256PublicKey,
})

/** One file of a report. */
export const GrantedFile = z.strictObject({
  ...GrantedEvidence.shape,
  /** SHA-256 of the canonical JSON of the file's details, without report id and file id. */
  detailsSha256: Sha256Hex,
})

/** Permits one report to be filed, with these files and no others. */
export const FilingGrant = z.strictObject({
  ...shared,
  purpose: z.literal("filing"),
  reportId: OpaqueId,
  environment: z.enum(["test", "production"]),
  /** SHA-256 of the canonical JSON of the report's document. */
  documentSha256: Sha256Hex,
  files: z.array(GrantedFile).max(1000),
  /** Proves first. The approver proves second, and is somebody else. */
  preparedBy: OpaqueId,
  /** Whether the preparer files with one proof, because nobody else was available: a reason is on record. */
  singlePerson: z.boolean(),
})

/**
 * Permits one report to be filed under a filing authorisation that two people proved before. Nobody proves the grant
 * itself: the custodian checks it against the authorisation, and never files a statement that somebody saw a file.
 */
export const AutomaticFilingGrant = z.strictObject({
  ...shared,
  purpose: z.literal("automatic-filing"),
  authorisationId: OpaqueId,
  reportId: OpaqueId,
  environment: z.enum(["test", "production"]),
  documentSha256: Sha256Hex,
  files: z.array(GrantedFile).min(1).max(1000),
  /** The authorisation's template, whose digest the custodian knows. */
  template: FilingTemplate,
  /** Lists that the files matched; each belongs to the authorisation. */
  lists: z.array(OpaqueId).min(1).max(32),
})

/** Why evidence is destroyed that no review cleared. */
export const DESTRUCTION_GRANT_BASES = ["expired", "law-enforcement-request", "order"] as const

/**
 * Permits these sealed files of a case to be destroyed, and no others. Its id is that of the approval, which two people
 * sign.
 */
export const DestroyGrant = z.strictObject({
  ...shared,
  purpose: z.literal("destroy"),
  basis: z.enum(DESTRUCTION_GRANT_BASES),
  /**
   * The request or order, which the server stores sealed: its id and the SHA-256 of the sealed text. Absent for
   * `expired`.
   */
  request: z.strictObject({ requestId: OpaqueId, sealedSha256: Sha256Hex }).exactOptional(),
  evidence: z.array(GrantedEvidence).min(1).max(1000),
  /** Signs first. The approver signs second, and is somebody else. */
  requestedBy: OpaqueId,
})

/** Permits a disclosure of a case for a request, once. Its id is that of the approval, which two people sign. */
export const DiscloseGrant = z.strictObject({
  ...shared,
  purpose: z.literal("disclose"),
  request: z.strictObject({ requestId: OpaqueId, sealedSha256: Sha256Hex }),
  kind: z.enum(["custody-record", "content", "records"]),
  /** How it leaves: shown once to the approver, or carried by people outside this system. */
  handover: z.enum(["shown-to-approver", "outside"]),
  /** Sealed files that it covers; empty if the case has none. */
  evidence: z.array(GrantedEvidence).max(1000),
  requestedBy: OpaqueId,
})

/** A grant: proved by a person, or covered by a filing authorisation. */
export const Grant = z.discriminatedUnion("purpose", [
  DerivativeGrant,
  OriginalGrant,
  FilingGrant,
  AutomaticFilingGrant,
  DestroyGrant,
  DiscloseGrant,
])
export type Grant = z.infer<typeof Grant>
export type DerivativeGrant = z.infer<typeof DerivativeGrant>
export type OriginalGrant = z.infer<typeof OriginalGrant>
export type FilingGrant = z.infer<typeof FilingGrant>
export type DestroyGrant = z.infer<typeof DestroyGrant>
export type DiscloseGrant = z.infer<typeof DiscloseGrant>
export type AutomaticFilingGrant = z.infer<typeof AutomaticFilingGrant>
export type GrantedEvidence = z.infer<typeof GrantedEvidence>
export type GrantedFile = z.infer<typeof GrantedFile>
/** One of {@link VIEWING_REASONS}. */
export type ViewingReason = (typeof VIEWING_REASONS)[number]

/** One person's proof of a grant. */
export const GrantProof = z.strictObject({
  person: OpaqueId,
  /** Over the canonical JSON of the grant. */
  signature: PersonSignature,
})
export type GrantProof = z.infer<typeof GrantProof>

/** For a grant that two people give by an approval: what their statements contain besides the grant's digest. */
export const GrantApproval = z.strictObject({
  /** SHA-256 of the canonical JSON of the approval's payload. */
  payloadSha256: Sha256Hex,
  requestedAt: Timestamp,
  approvedAt: Timestamp,
})
export type GrantApproval = z.infer<typeof GrantApproval>

const isByApproval = ({ purpose }: Grant) => purpose === "destroy" || purpose === "disclose"

/**
 * A grant with its proofs: one, or two of different people if the action needs two; none for an automatic filing. For
 * destruction and disclosure people sign the approval's statement, which names the grant by its digest.
 */
export const ProvenGrant = z
  .strictObject({ grant: Grant, proofs: z.array(GrantProof).max(2), approval: GrantApproval.exactOptional() })
  .refine(({ grant, proofs }) => (grant.purpose === "automatic-filing") === (proofs.length === 0))
  .refine(({ grant, approval }) => isByApproval(grant) === (approval !== undefined))
export type ProvenGrant = z.infer<typeof ProvenGrant>

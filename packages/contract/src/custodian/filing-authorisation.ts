/**
 * Filing authorisations permit automatic filing: proven once by two people and stored by the custodian.
 * @module
 */
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { FilingTemplate } from "./filing-template.ts"
import { GrantProof, OpaqueId } from "./grant.ts"

/** Name and version of a filing authorisation's form. */
export const AUTHORISATION_FORMAT = "nightlight-filing-authorisation/1"

/** Longest validity of a filing authorisation, days. */
export const MAX_AUTHORISATION_DAYS = 90

/**
 * One snapshot of a hash list, by the SHA-256 of its file of hashes: a list may change, but the authorised snapshot
 * does not.
 */
export const ListSnapshot = z.strictObject({ list: OpaqueId, sha256: Sha256Hex })
export type ListSnapshot = z.infer<typeof ListSnapshot>

/** `GET /v1/lists` answer: the snapshots that the custodian's operator gave it. */
export const ListSnapshots = z.strictObject({ snapshots: z.array(ListSnapshot) })

/**
 * Permits reports on exact matches of these lists to be filed without a person, up to a number in a day, until a date.
 */
export const FilingAuthorisation = z.strictObject({
  format: z.literal(AUTHORISATION_FORMAT),
  authorisationId: OpaqueId,
  environment: z.enum(["test", "production"]),
  /** Names of hash lists, each at most 80 characters. */
  lists: z.array(OpaqueId).min(1).max(32),
  /** One of each list: the custodian itself matches files against these. */
  snapshots: z.array(ListSnapshot).min(1).max(32),
  /** Everything that a report may say. The custodian's journal stores its digest. */
  template: FilingTemplate,
  /** Reports within any 24 hours. */
  dailyCap: z.int().min(1).max(10_000),
  issuedAt: Timestamp,
  /** At most {@link MAX_AUTHORISATION_DAYS} after `issuedAt`. */
  expiresAt: Timestamp,
  /** The two who prove it, and who may each revoke it. */
  counsel: OpaqueId,
  reporter: OpaqueId,
})
export type FilingAuthorisation = z.infer<typeof FilingAuthorisation>

/** `POST /v1/filing-authorisations` body: ECDSA P-256 with SHA-256 over the authorisation's canonical JSON, by counsel and by reporter. */
export const ProvenAuthorisation = z.strictObject({
  authorisation: FilingAuthorisation,
  proofs: z.array(GrantProof).length(2),
})
export type ProvenAuthorisation = z.infer<typeof ProvenAuthorisation>

/** Ends a filing authorisation for good. */
export const AuthorisationRevocation = z.strictObject({
  format: z.literal("nightlight-filing-authorisation-revocation/1"),
  authorisationId: OpaqueId,
  /** One of the two who proved it. */
  person: OpaqueId,
  at: Timestamp,
})
export type AuthorisationRevocation = z.infer<typeof AuthorisationRevocation>

/** `POST /v1/filing-authorisations/revoke` body: the revocation, signed as a grant is. */
export const AuthorisationRevocationBody = z.strictObject({ revocation: AuthorisationRevocation, proof: GrantProof })
export type AuthorisationRevocationBody = z.infer<typeof AuthorisationRevocationBody>

/** A filing authorisation in the custodian's journal. */
export const AuthorisationEntry = z.strictObject({
  authorisationId: OpaqueId,
  environment: z.enum(["test", "production"]),
  lists: z.array(OpaqueId),
  dailyCap: z.int().positive(),
  expiresAt: Timestamp,
  counsel: OpaqueId,
  reporter: OpaqueId,
  revokedAt: Timestamp.exactOptional(),
  /**
   * Whether a report could be filed under it now: not revoked, not expired, its people still enrolled in their roles.
   */
  live: z.boolean(),
  /** Grants used under it within the last 24 hours. */
  usedInDay: z.int().nonnegative(),
})
export type AuthorisationEntry = z.infer<typeof AuthorisationEntry>

/** `GET /v1/filing-authorisations` answer; all of them ever. */
export const AuthorisationEntries = z.strictObject({ authorisations: z.array(AuthorisationEntry) })

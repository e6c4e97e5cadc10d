/**
 * The custodian's API on its Unix socket: HTTP/1.1, JSON in and out. Errors are problem documents (RFC 9457) whose
 * `type` is a code.
 * @module
 */
import { ISOLATIONS } from "@nightlight/core"
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { FilingTemplate } from "./filing-template.ts"
import { Base64Url, GrantedEvidence, OpaqueId, ProvenGrant } from "./grant.ts"
import { CredentialId, P256PublicKey, PersonSignature } from "./signature.ts"

/**
 * Roles in which people prove grants to the custodian, which stores them itself. `custodian`: destruction and
 * disclosure; `approver`: approvals of actions that the custodian takes no part in.
 */
export const CUSTODIAN_ROLES = ["reviewer", "senior-reviewer", "reporter", "counsel", "custodian", "approver"] as const
/** One of {@link CUSTODIAN_ROLES}. */
export const CustodianRole = z.enum(CUSTODIAN_ROLES)
/** One of {@link CUSTODIAN_ROLES}. */
export type CustodianRole = z.infer<typeof CustodianRole>

/** Kinds of document that people sign for the custodian; `approval` includes destruction and disclosure. */
export const SIGNED_KINDS = [
  "derivative",
  "original",
  "filing",
  "authorisation",
  "attestation",
  "approval",
  "checkpoint-restart",
  "link-opening",
] as const
/** One of {@link SIGNED_KINDS}. */
export type SignedKind = (typeof SIGNED_KINDS)[number]

/** Files that somebody without the passphrase may have written, or an operator may have changed. */
export const CUSTODIAN_DOUBTS = ["journal", "enrolments", "config"] as const
/** One of {@link CUSTODIAN_DOUBTS}. */
export type CustodianDoubt = (typeof CUSTODIAN_DOUBTS)[number]

/** `GET /v1/state`: always answered, locked or not. */
export const CustodianState = z.strictObject({
  /** `no-key` until `nightlight custodian init`; `locked` until the passphrase or key file is given. */
  state: z.enum(["no-key", "locked", "ready"]),
  /** Why it did not accept its key the last time, although the passphrase was right; absent if it did. */
  doubt: z.enum(CUSTODIAN_DOUBTS).exactOptional(),
  /** `separated`: it has an OS user of its own; `shared`: it has not. */
  custody: z.enum(["separated", "shared"]),
  /**
   * Public half of the first key that signs checkpoints of the server's log, PEM, with a line for each handover to
   * another; absent until there is one.
   */
  checkpointKey: z.string().exactOptional(),
  /**
   * Public half of the key that signs the custodian's own journal, PEM: separate, so neither can pass for the other.
   */
  journalKey: z.string().exactOptional(),
  /** The report hosts for which it has credentials. */
  environments: z.array(z.enum(["test", "production"])),
  enrolled: z.int().nonnegative(),
  /** Where passkeys are used and which documents need one, from the custodian's own configuration. */
  passkeys: z.strictObject({
    /** Relying party id: a host name. */
    rpId: z.string(),
    origins: z.array(z.string()),
    /** Kinds of document that a kept key must not sign. */
    require: z.array(z.enum(SIGNED_KINDS)),
  }),
  /** Isolation of the decoder of evidence; absent while it is unknown. */
  isolation: z.enum(ISOLATIONS).exactOptional(),
  /** The consequence: with `refused` it cannot be unlocked. Absent while the isolation is. */
  decoding: z.enum(["isolated", "accepted", "refused"]).exactOptional(),
})
export type CustodianState = z.infer<typeof CustodianState>

/** `POST /v1/unlock` body. The passphrase is used once and forgotten. */
export const UnlockBody = z.strictObject({
  passphrase: z.string().min(1).max(1024),
  /** Whether to accept a configuration that was changed since the last time. */
  acceptConfig: z.boolean().exactOptional(),
})

/** `POST /v1/enrolments` body, host command only, proven by the passphrase. Answer: a one-time code. */
export const InviteBody = z.strictObject({
  passphrase: z.string().min(1).max(1024),
  person: OpaqueId,
  roles: z.array(CustodianRole).min(1),
})
/** `POST /v1/enrolments` answer, only for the person. */
export const InviteAnswer = z.strictObject({ code: z.string(), expiresAt: Timestamp })

/** `POST /v1/enrolments/revoke` body, host command only. The person's later proofs are refused. */
export const RevokeBody = z.strictObject({ passphrase: z.string().min(1).max(1024), person: OpaqueId })

/** An age X25519 public key. */
const AgeRecipient = z.string().regex(/^age1[02-9ac-hj-np-z]{58}$/)

/** `POST /v1/rewraps` body, host command only. The recipients that the operator saw, in the manifest's order. */
export const RewrapAllowBody = z.strictObject({
  passphrase: z.string().min(1).max(1024),
  recipients: z.array(AgeRecipient).min(2).max(64),
  /** Digest of a set of recipients to accept in place of the last one, as the refusal named it. */
  accept: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .exactOptional(),
})
/** `POST /v1/rewraps` answer: ids in the manifest, and how many of the custodian's own files got its present key. */
export const RewrapAllowed = z.strictObject({
  manifestVersion: z.int().positive(),
  recipients: z.array(z.string()),
  ownFiles: z.int().nonnegative(),
})
export type RewrapAllowed = z.infer<typeof RewrapAllowed>

/** `POST /v1/rewraps/header` body. */
export const RewrapBody = z.strictObject({ evidenceId: OpaqueId })
/** `POST /v1/rewraps/header` answer: the new header, base64, and the file's digests with the old one and this one. */
export const RewrapAnswer = z.strictObject({
  header: z.base64(),
  before: z.string().regex(/^[0-9a-f]{64}$/),
  after: z.string().regex(/^[0-9a-f]{64}$/),
})
export type RewrapAnswer = z.infer<typeof RewrapAnswer>

/** `GET /v1/enrolments` answer: who may prove what. Key ids are the first 16 digits of the public key's SHA-256. */
export const Enrolments = z.strictObject({
  people: z.array(
    z.strictObject({
      person: OpaqueId,
      roles: z.array(CustodianRole),
      keyId: z.string(),
      /** Checks the kept key's signatures. */
      publicKey: P256PublicKey,
      /** The person's passkey, if one is enrolled beside the kept key. */
      passkey: z
        .strictObject({ keyId: z.string(), credentialId: CredentialId, publicKey: P256PublicKey })
        .exactOptional(),
      enrolledAt: Timestamp,
      revokedAt: Timestamp.exactOptional(),
    }),
  ),
  invited: z.array(z.strictObject({ person: OpaqueId, roles: z.array(CustodianRole), expiresAt: Timestamp })),
})
export type Enrolments = z.infer<typeof Enrolments>

/** `GET /v1/enrolments/keys` answer: every key that was ever enrolled, by the custodian's own journal. */
export const EnrolledKeys = z.strictObject({
  keys: z.array(z.strictObject({ person: OpaqueId, keyId: z.string(), enrolledAt: Timestamp })),
})
export type EnrolledKeys = z.infer<typeof EnrolledKeys>

/** `POST /v1/enrolments/complete` answer. */
export const EnrolAnswer = z.strictObject({ person: OpaqueId, roles: z.array(CustodianRole), keyId: z.string() })

/** A passkey as it is enrolled; only ES256. */
export const PasskeyKey = z.strictObject({ credentialId: CredentialId, publicKey: P256PublicKey })
export type PasskeyKey = z.infer<typeof PasskeyKey>

/**
 * `POST /v1/enrolments/complete` body, passed on by the server: the person's signing keys, bound to the code that only
 * the host command and the person have seen.
 */
export const EnrolBody = z.strictObject({
  person: OpaqueId,
  /** The key that the browser keeps. */
  publicKey: P256PublicKey,
  passkey: PasskeyKey.exactOptional(),
  /**
   * HMAC-SHA-256 over `person`, `publicKey` and, if there is one, the passkey's `credentialId` and `publicKey`, with a
   * newline between each; key: the code's letters (upper case) and digits; base64url.
   */
  proof: Base64Url,
})
export type EnrolBody = z.infer<typeof EnrolBody>

/** `POST /v1/intake` body: test-open. Needs no grant: the answer has nothing that the server may not have. */
export const IntakeBody = z.strictObject({
  evidence: GrantedEvidence,
  /** The finding that it came with: the sealed context must name the same one. */
  findingId: OpaqueId,
})
export type IntakeBody = z.infer<typeof IntakeBody>

/** Why sealed evidence is refused. */
export const INTAKE_FAULTS = [
  "missing",
  "ciphertext-differs",
  "wrong-recipient",
  "unreadable",
  "content-differs",
  "other-finding",
] as const

/** `POST /v1/intake` answer. */
export const IntakeAnswer = z.discriminatedUnion("opens", [
  z.strictObject({ opens: z.literal(false), fault: z.enum(INTAKE_FAULTS) }),
  z.strictObject({
    opens: z.literal(true),
    /** `verified`: it contains the content, with the digests below; `absent`: only sealed context. */
    content: z.enum(["verified", "absent"]),
    contentBytes: z.int().nonnegative(),
    /** core's Fingerprint, recomputed from the opened content; absent without content. */
    fingerprint: z.unknown().optional(),
    /** The sealed provenance, of the context compartment: the server stores it under the case's key. */
    context: z.unknown(),
  }),
])
export type IntakeAnswer = z.infer<typeof IntakeAnswer>

/** `POST /v1/viewings` body: for a derivative or an original, as the grant says. */
export const ViewingBody = ProvenGrant

/** `POST /v1/viewings` answer: AES-256-GCM under a key that ECDH (P-256) and HKDF-SHA-256 made for the viewer. */
export const ViewingAnswer = z.strictObject({
  /** The custodian's ephemeral public key. */
  senderKey: P256PublicKey,
  /** 12 bytes. */
  iv: Base64Url,
  // As long as an original, and never compared: one pass over it is enough.
  ciphertext: z.string().regex(/^[A-Za-z0-9_-]+$/),
  mediaType: z.string(),
  width: z.int().positive().exactOptional(),
  height: z.int().positive().exactOptional(),
})
export type ViewingAnswer = z.infer<typeof ViewingAnswer>

/** HKDF `info` of a viewing's key; its `salt` is the sender's and the viewer's public key, 130 bytes. AAD: the grant's id. */
export const VIEWING_KEY_INFO = "nightlight-viewing/1"

/** `POST /v1/attestations` body: a person who opened an original states that they saw all of it. */
export const Attestation = z.strictObject({
  format: z.literal("nightlight-attestation/1"),
  grantId: OpaqueId,
  person: OpaqueId,
  evidence: GrantedEvidence,
  contentSha256: Sha256Hex,
  viewedWhole: z.literal(true),
  exifViewed: z.boolean(),
  at: Timestamp,
})
export type Attestation = z.infer<typeof Attestation>
/** `POST /v1/attestations` body: signed over the attestation's canonical JSON. */
export const AttestationBody = z.strictObject({ attestation: Attestation, signature: PersonSignature })

/** `POST /v1/filings/open` body: the custodian checks the grant against its own enrolment, then submits. */
export const FilingOpenBody = z.strictObject({
  proven: ProvenGrant,
  /** The cybertipline model's document; its canonical JSON has the digest in the grant. */
  document: z.unknown(),
  /** Number of the attempt: a new one is allowed only after the one before was retracted, abandoned or expired. */
  attempt: z.int().positive(),
})
export type FilingOpenBody = z.infer<typeof FilingOpenBody>

/** `POST /v1/filings/:grantId/files/:evidenceId` body: uploads. Only once for a remote report. */
export const FilingUploadBody = z.strictObject({ attempt: z.int().positive() })

/** `POST /v1/filings/:grantId/files/:evidenceId/details` body. */
export const FilingDescribeBody = z.strictObject({
  attempt: z.int().positive(),
  fileId: z.string().min(1).max(128),
  /** The model's file details without report id and file id; their canonical JSON has the digest in the grant. */
  details: z.unknown(),
  /** For an automatic filing: the template in its grant. */
  template: FilingTemplate.exactOptional(),
})

/** `POST /v1/filings/:grantId/finish` and `/retract` body. */
export const FilingAttemptBody = z.strictObject({ attempt: z.int().positive() })

/** `POST /v1/filings/:grantId/abandon` body: the answer to submit was lost; the report expires on its own. */
export const FilingAbandonBody = z.strictObject({ attempt: z.int().positive() })

/**
 * The CyberTipline's answer byte for byte, at most 1 MiB, in base64; for finish it is the provider's notification.
 * Absent from a repeated answer, except for finish.
 */
const ReceivedBytes = z.string().max(1_500_000)

/** Outcome of a call to the CyberTipline. */
export const FilingAnswer = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("accepted"),
    remoteReportId: z.string().exactOptional(),
    fileId: z.string().exactOptional(),
    md5: z.string().exactOptional(),
    sha256: Sha256Hex.exactOptional(),
    files: z.array(z.string()).exactOptional(),
    httpStatus: z.int().exactOptional(),
    requestId: z.string().exactOptional(),
    received: ReceivedBytes.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("rejected"),
    /** As received; absent if there was only an HTTP status, such as 401 for wrong credentials. */
    responseCode: z.int().exactOptional(),
    httpStatus: z.int().exactOptional(),
    /** Whether the same call may succeed later; for submit: in the next attempt. */
    retryable: z.boolean(),
    requestId: z.string().exactOptional(),
    /** The CyberTipline's own message, which may quote the report: for people who may read it, never for a log. */
    detail: z.string().exactOptional(),
    received: ReceivedBytes.exactOptional(),
  }),
  /** The CyberTipline received another file than was sent: the report must be retracted. */
  z.strictObject({
    kind: z.literal("differs"),
    remoteReportId: z.string(),
    fileId: z.string(),
    /** MD5 of the sent file, hexadecimal. */
    md5: z.string(),
    /** MD5 in the answer; absent if the answer has none. */
    receivedMd5: z.string().exactOptional(),
    sha256: Sha256Hex.exactOptional(),
    httpStatus: z.int().exactOptional(),
    requestId: z.string().exactOptional(),
    received: ReceivedBytes.exactOptional(),
  }),
  /** Sent, but no valid answer came: it may have taken effect. */
  z.strictObject({
    kind: z.literal("unanswered"),
    reason: z.string(),
    httpStatus: z.int().exactOptional(),
    requestId: z.string().exactOptional(),
    received: ReceivedBytes.exactOptional(),
  }),
  /** Never sent, so it had no effect. */
  z.strictObject({ kind: z.literal("unsent"), reason: z.string() }),
])
export type FilingAnswer = z.infer<typeof FilingAnswer>

/** `GET /v1/filings/:grantId`: what the custodian's own journal knows; resolves uncertainty after a restore. */
export const FilingJournal = z.strictObject({
  reportId: OpaqueId,
  environment: z.enum(["test", "production"]),
  attempts: z.array(
    z.strictObject({
      attempt: z.int().positive(),
      state: z.enum(["opening", "opened", "finishing", "finished", "retracted", "abandoned", "refused"]),
      remoteReportId: z.string().exactOptional(),
      /** The answer of a call was lost: only retract (or, for `opening`, abandon) is allowed for this attempt. */
      doubtful: z.boolean(),
      files: z.array(
        z.strictObject({
          evidenceId: OpaqueId,
          state: z.enum(["uploading", "uploaded", "describing", "described", "failed"]),
          fileId: z.string().exactOptional(),
        }),
      ),
      at: Timestamp,
    }),
  ),
})
export type FilingJournal = z.infer<typeof FilingJournal>

/** `GET /v1/filings?since=SEQ`: every filing the journal knows, for reconciling after a restore. */
export const FilingJournals = z.strictObject({
  /** `seq` of the journal's last event: `since` of the next call. */
  seq: z.int().nonnegative(),
  filings: z.array(z.strictObject({ grantId: OpaqueId, ...FilingJournal.shape })),
})

/** Maximum number of log lines that one checkpoint is signed over. */
export const CHECKPOINT_LINES = 1_000

/** Longest `POST /v1/checkpoints` body, bytes. */
export const CHECKPOINT_BODY_BYTES = 12 * 1024 * 1024

/** An event of the server's log: `seq` 0 with 64 zeros is the position before the first. */
const LogPosition = { seq: z.int().nonnegative(), hash: Sha256Hex }

/** `GET /v1/checkpoints/head` answer: the last event that was signed, and the line of its checkpoint. */
export const CheckpointHead = z.strictObject({
  ...LogPosition,
  /** How often checkpoints were restarted. */
  restarts: z.int().nonnegative(),
  line: z.string().nullable(),
})
export type CheckpointHead = z.infer<typeof CheckpointHead>

/**
 * `POST /v1/checkpoints` body: the log's lines after the last signed event, without newlines. The custodian checks the
 * chain itself, and refuses lines that do not follow.
 */
export const CheckpointBody = z.strictObject({
  after: z.strictObject(LogPosition),
  lines: z.array(z.string().max(16_384)).min(1).max(CHECKPOINT_LINES),
})

/** `POST /v1/checkpoints` answer: the signed line, as vault's audit log writes it. */
export const CheckpointAnswer = z.strictObject({ line: z.string() })

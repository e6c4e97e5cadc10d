/**
 * Intake: findings that an enrolled source pushes, with their sealed evidence.
 * @module
 */
import { z } from "zod"
import { Finding } from "../finding.ts"
import { DecisionName, KeyId, Sha256Hex, SignatureHex, Timestamp } from "../screening.ts"
import { AccountClaim } from "./screen.ts"
import { SourceId } from "./sources.ts"

/** Name and version of a pushed finding's form. */
export const PUSHED_FINDING_FORMAT = "nightlight-pushed-finding/1"

/** One line of `POST /v1/findings`: a finding, signed by the source's key for this server's name of the source. */
export const PushedFinding = z.strictObject({
  format: z.literal(PUSHED_FINDING_FORMAT),
  source: SourceId,
  finding: Finding,
  /**
   * Present if it was found in an exchange with a model, not in a dataset; with the end user's account if the
   * operator's own channel named one. Accepted only from a source that may name accounts.
   */
  exchange: z.strictObject({ account: AccountClaim.exactOptional() }).exactOptional(),
  keyId: KeyId,
  signature: SignatureHex,
})
export type PushedFinding = z.infer<typeof PushedFinding>

/** Longest line of `POST /v1/findings`, bytes. */
export const MAX_FINDING_LINE_BYTES = 1_048_576

/** Most lines of one `POST /v1/findings`; a source with more makes several calls. */
export const MAX_FINDING_LINES = 10_000

/** Why a line is refused. */
export const FINDING_FAULTS = [
  /** Longer than {@link MAX_FINDING_LINE_BYTES}. */
  "line_too_long",
  /** Not a line of JSON. */
  "not_json",
  /** Not signed by the key of the calling source, or altered since. */
  "signature_wrong",
  /** Signed by an earlier key of the calling source: sign it again with the present one. */
  "key_replaced",
  /** Signed, but for another source or another server. */
  "other_source",
  /** Signed, but not a finding. */
  "malformed",
] as const

/** Result of one line. */
export const FindingLine = z.strictObject({
  /** From 1; blank lines count. */
  line: z.int().positive(),
  status: z.enum(["accepted", "known", "refused"]),
  code: z.enum(FINDING_FAULTS).exactOptional(),
  /** Digest of the finding's sealed file, while that is still to be uploaded. */
  wants: Sha256Hex.exactOptional(),
})
export type FindingLine = z.infer<typeof FindingLine>

/** `POST /v1/findings` answer: every line that was not blank, in order. */
export const PushAnswer = z.strictObject({
  accepted: z.int().nonnegative(),
  known: z.int().nonnegative(),
  refused: z.int().nonnegative(),
  lines: z.array(FindingLine),
})
export type PushAnswer = z.infer<typeof PushAnswer>

/** States of a received finding. */
export const RECEIVED_STATES = [
  /** Waits for its evidence, the custodian, or the lists. */
  "waiting",
  /** It is attached to a case. */
  "verified",
  /** Our own snapshot matches nothing of it. Checked again when the lists change. */
  "denied",
  /** Its evidence does not open, or differs from what the finding says. */
  "refused",
  /** It came without evidence: counted, no case. */
  "kept",
] as const

/** `GET /v1/findings/received` query. */
export const ReceivedQuery = z.strictObject({
  /** The source's own id of the scan. */
  scan: z.string().min(1).max(200),
  /** `next` of the answer before. */
  after: Sha256Hex.optional(),
})

/** `GET /v1/findings/received` answer: the findings that the server has of one scan of the calling source. */
export const ReceivedFindings = z.strictObject({
  findings: z.array(
    z.strictObject({
      finding: Sha256Hex,
      state: z.enum(RECEIVED_STATES),
      /** Digest of the sealed file that is still to be uploaded; absent if there is none. */
      wants: Sha256Hex.exactOptional(),
    }),
  ),
  next: Sha256Hex.exactOptional(),
})
export type ReceivedFindings = z.infer<typeof ReceivedFindings>

/** `PUT /v1/evidence/:evidenceId` answer. */
export const EvidenceAnswer = z.strictObject({
  evidence: Sha256Hex,
  bytes: z.int().nonnegative(),
})
export type EvidenceAnswer = z.infer<typeof EvidenceAnswer>

/** `GET /v1/intake` answer: number of findings by source, state and code. */
export const IntakeCounts = z.strictObject({
  counts: z.array(
    z.strictObject({
      source: z.string(),
      state: z.enum(RECEIVED_STATES),
      /** Why it was refused or denied, or what it waits for. */
      code: z.string().exactOptional(),
      findings: z.int().nonnegative(),
    }),
  ),
})

/** `GET /v1/intake/findings` query. */
export const IntakeQuery = z.strictObject({
  state: z.enum(RECEIVED_STATES),
  after: z.string().max(80).optional(),
})

/** `GET /v1/intake/findings` answer: ids and codes alone. */
export const IntakeList = z.strictObject({
  findings: z.array(
    z.strictObject({
      record: z.string(),
      source: z.string(),
      finding: Sha256Hex,
      origin: z.enum(["dataset", "account", "direct"]),
      decision: DecisionName,
      state: z.enum(RECEIVED_STATES),
      code: z.string().exactOptional(),
      /** Unusual properties: `unusual-text`. */
      notes: z.array(z.string()),
      receivedAt: Timestamp,
      case: z.string().exactOptional(),
    }),
  ),
  next: z.string().exactOptional(),
})

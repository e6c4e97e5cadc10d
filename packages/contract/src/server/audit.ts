/**
 * The log over HTTP.
 * @module
 */
import { z } from "zod"
import { CheckpointRestart } from "../custodian/checkpoint-restart.ts"
import { GrantProof, OpaqueId } from "../custodian/grant.ts"
import { Sha256Hex, Timestamp } from "../screening.ts"

const Seq = z.int().nonnegative()

/** `GET /v1/audit/events` query. */
export const AuditPageQuery = z.strictObject({
  subject: OpaqueId.exactOptional(),
  /** Such as `hold.placed`; with a point at its end, all types of that family: `hold.`. */
  type: z
    .string()
    .regex(/^[a-z][a-z0-9.-]{0,120}$/)
    .exactOptional(),
  /** Id of the actor. */
  by: OpaqueId.exactOptional(),
  /** Not before this time, by the clocks of the servers that appended. */
  since: Timestamp.exactOptional(),
  /** Before this time. */
  until: Timestamp.exactOptional(),
  order: z.enum(["oldest", "newest"]).default("oldest"),
  /** Start of a page: the `nextSeq` of the page before; absent for the first page. */
  fromSeq: z.coerce.number().int().min(1).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
})

/** One event. */
export const AuditEventView = z.strictObject({
  seq: Seq,
  at: Timestamp,
  type: z.string(),
  actor: z.string(),
  data: z.record(z.string(), z.unknown()),
})

/** Answer; `nextSeq`: start of the next page, absent at the end. */
export const AuditPage = z.strictObject({ events: z.array(AuditEventView), nextSeq: Seq.exactOptional() })

/**
 * `GET /v1/audit/export` query. The answer, `application/x-ndjson`, is a file of a folder that can be verified
 * elsewhere: `events` is `000000000001.ndjson`, `checkpoints` is `checkpoints.ndjson`.
 */
export const AuditExportQuery = z.strictObject({ part: z.enum(["events", "checkpoints"]).default("events") })

/**
 * How a row differs from the log. `unsealed`: written by somebody without the server's key. `unknown`: the log does not
 * know it. `missing`: the log knows it, but it is gone. `unapproved`: an event that needs an approval and has none.
 * `unreadable`: it contains what no service writes, such as a time without end, or its table cannot be read. Of an
 * approval, the codes from `not-in-log` on. All others name what differs.
 */
export const ROW_DIFFERENCES = [
  "unsealed",
  "unknown",
  "missing",
  "unapproved",
  "unreadable",
  "owner",
  "ended",
  "joined",
  "deactivated",
  "role",
  "proof",
  "decision",
  "lock",
  "lifted",
  "state",
  "approval",
  "deadline",
  "claim",
  "place",
  "items",
  "count",
  "not-in-log",
  "not-in-table",
  "approval-differs",
  "signature-differs",
  "same-key",
  "key-unknown",
  "signature-missing",
  "signature-wrong",
] as const

/** One of {@link ROW_DIFFERENCES}. */
export type RowDifference = (typeof ROW_DIFFERENCES)[number]

/** `POST /v1/audit/verify` answer. */
export const AuditVerificationView = z.strictObject({
  ok: z.boolean(),
  events: Seq,
  /** Nobody without the custodian's key changed any event up to this one. */
  unchangedThroughSeq: Seq,
  presentThroughSeq: Seq,
  problem: z.strictObject({ code: z.string(), seq: Seq, throughSeq: Seq }).exactOptional(),
  /** The first row of the tables that differs from the log, or whose MAC is wrong. */
  row: z.strictObject({ table: z.string(), id: z.string(), what: z.enum(ROW_DIFFERENCES) }).exactOptional(),
  /** Approvals whose signatures were verified; absent if the custodian, which knows the keys, did not answer. */
  approvals: z.strictObject({ decided: z.int().nonnegative(), unsigned: z.int().nonnegative() }).exactOptional(),
  /** When the checkpoint that attests them was signed, by the custodian's clock. */
  unchangedSince: Timestamp.exactOptional(),
  /** Events after the last checkpoint, about which nothing is attested. */
  unattested: z.strictObject({ fromSeq: Seq, throughSeq: Seq }).exactOptional(),
  /** Restarts of checkpoints: each attests nothing about events after `agreesThroughSeq`, up to `startSeq`. */
  restarts: z
    .array(
      z.strictObject({
        number: z.int().positive(),
        at: Timestamp,
        person: OpaqueId,
        reason: z.string(),
        beforeSeq: Seq,
        startSeq: Seq,
        agreesThroughSeq: Seq,
      }),
    )
    .exactOptional(),
})

/** An event of the log, by number and hash. */
const Position = z.strictObject({ seq: Seq, hash: Sha256Hex })

/** `GET /v1/audit/checkpoints` answer: the state of the custodian's checkpoints relative to the log. */
export const CheckpointsView = z.strictObject({
  /** The last event that the custodian signed; `seq` 0 before the first. */
  signed: Position,
  /** How often checkpoints were restarted. */
  restarts: z.int().nonnegative(),
  /** The newest event of the log; absent for an empty one. */
  newest: Position.exactOptional(),
  /** `agree`: the log has the event that was signed last; `differ`: it has another one, or none. */
  state: z.enum(["agree", "differ"]),
})

/** `POST /v1/audit/checkpoint-restarts` body: signed by the person who sends it. */
export const CheckpointRestartBody = z.strictObject({ restart: CheckpointRestart, proof: GrantProof })

/** `POST /v1/audit/checkpoint-restarts` answer: the id that the host's command takes. */
export const CheckpointRestartTaken = z.strictObject({ restartId: OpaqueId, expiresAt: Timestamp })

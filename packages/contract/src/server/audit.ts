/**
 * The log over HTTP.
 * @module
 */
import { z } from "zod"
import { OpaqueId } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"

const Seq = z.int().nonnegative()

/** `GET /v1/audit/events` query. */
export const AuditPageQuery = z.strictObject({
  subject: OpaqueId.exactOptional(),
  type: z
    .string()
    .regex(/^[a-z][a-z0-9.-]{0,120}$/)
    .exactOptional(),
  /** Id of who did it. */
  by: OpaqueId.exactOptional(),
  fromSeq: z.coerce.number().int().min(1).default(1),
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

/** Its answer. */
export const AuditPage = z.strictObject({ events: z.array(AuditEventView), nextSeq: Seq.exactOptional() })

/** `POST /v1/audit/verify` answer. */
export const AuditVerificationView = z.strictObject({
  ok: z.boolean(),
  events: Seq,
  /** No one without the custodian's key changed any event up to this one. */
  unchangedThroughSeq: Seq,
  presentThroughSeq: Seq,
  problem: z.strictObject({ code: z.string(), seq: Seq, throughSeq: Seq }).exactOptional(),
  /** Events behind the last checkpoint: of these it cannot tell. */
  unattested: z.strictObject({ fromSeq: Seq, throughSeq: Seq }).exactOptional(),
})

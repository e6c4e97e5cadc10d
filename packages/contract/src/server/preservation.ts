/**
 * Preservation over HTTP.
 * @module
 */
import { z } from "zod"
import { OpaqueId } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"
import { AuditEventView } from "./audit.ts"

const PreservationState = z.enum(["kept", "locked", "clearing", "destroying", "destroyed"])
const HoldReason = z.enum(["2703f", "litigation", "investigation", "voluntary-2258a-h5", "appeal"])
/** Why a hold is lifted: its matter is over, the requester released it, or it was placed by mistake. */
export const LIFT_REASONS = ["matter-ended", "released", "placed-in-error"] as const

/** The preservation of one piece of evidence. */
export const PreservationView = z.strictObject({
  evidenceId: OpaqueId,
  caseId: OpaqueId,
  state: PreservationState,
  /** Whether its case is on hold now. */
  held: z.boolean(),
  /** End of the lock: a year after the report, or a later extension. */
  lockedUntil: Timestamp.exactOptional(),
  reportId: OpaqueId.exactOptional(),
  /** For cleared evidence: destroyed by then. */
  destroyBy: Timestamp.exactOptional(),
  certificateId: OpaqueId.exactOptional(),
  destroyedAt: Timestamp.exactOptional(),
})

/** One hold. */
export const HoldView = z.strictObject({
  holdId: OpaqueId,
  caseId: OpaqueId,
  reason: HoldReason,
  requestId: OpaqueId.exactOptional(),
  placedBy: OpaqueId,
  placedAt: Timestamp,
  until: Timestamp.exactOptional(),
  liftedBy: OpaqueId.exactOptional(),
  liftedAt: Timestamp.exactOptional(),
})

/** `GET /v1/preservations` query: a page begins after `after`. */
export const PreservationQuery = z.strictObject({
  state: PreservationState.exactOptional(),
  after: OpaqueId.exactOptional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
/** `GET /v1/preservations` answer, by id. `next`: the `after` of the next page; absent at the end. */
export const PreservationList = z.strictObject({
  evidence: z.array(PreservationView),
  next: OpaqueId.exactOptional(),
})

/** `GET /v1/cases/:caseId/preservation` answer. */
export const CasePreservation = z.strictObject({ evidence: z.array(PreservationView), holds: z.array(HoldView) })

/** `POST /v1/cases/:caseId/holds` body. */
export const HoldBody = z.strictObject({
  reason: HoldReason,
  /** Who requested it, by which letter; sealed, never in a list. */
  reference: z.string().min(1).max(2000),
  until: Timestamp.exactOptional(),
})
/** Answer. */
export const HoldAnswer = z.strictObject({ holdId: OpaqueId })

/** `GET /v1/holds/:holdId` answer: who requested it, by which letter; reading it is recorded. */
export const HoldDetail = z.strictObject({ hold: HoldView, reference: z.string() })
/** `POST /v1/holds/:holdId/lift` body. */
export const LiftBody = z.strictObject({ why: z.enum(LIFT_REASONS) })

/** Events of a case's custody: of opening something of the case, and of evidence arriving, leaving and being kept. */
export const CUSTODY_EVENTS = {
  opened: [
    "viewing.requested",
    "viewing.shown",
    "viewing.failed",
    "viewing.ended",
    "viewing.attested",
    "original.requested",
    "original.proven",
    "original.declined",
    "original.withdrawn",
    "context.read",
    "report.read",
    "report.filing-sheet-written",
    "hold.read",
    "evidence.disclosed",
  ],
  moved: [
    "evidence.received",
    "item.attached",
    "item.evidence-added",
    "item.evidence-replaced",
    "preservation.locked",
    "preservation.extended",
    "preservation.cleared",
    "preservation.followed",
    "preservation.clearing-cancelled",
    "hold.placed",
    "hold.lifted",
    "report.finished",
    "report.filed-manually",
    "case.filed",
    "case.referred",
    "evidence.destruction-ordered",
    "evidence.destruction-receipted",
    "evidence.destruction-refused",
    "evidence.destroyed",
    "case.context-destroyed",
  ],
} as const

/** `GET /v1/cases/:caseId/custody` query: a page begins at `fromSeq`. */
export const CustodyQuery = z.strictObject({
  fromSeq: z.coerce.number().int().min(1).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
})
/**
 * `GET /v1/cases/:caseId/custody` answer: what arrived, what was opened by whom, what was filed, held, disclosed and
 * destroyed, in order. It contains no decisions.
 */
export const CaseCustody = z.strictObject({
  events: z.array(AuditEventView),
  nextSeq: z.int().positive().exactOptional(),
})

/** `POST /v1/cases/:caseId/preservation/extend` body. */
export const ExtendBody = z.strictObject({ until: Timestamp })

/** `POST /v1/cases/:caseId/destruction` body: requests an approval. */
export const DestructionBody = z.strictObject({
  basis: z.enum(["expired", "law-enforcement-request", "order"]),
  requestId: OpaqueId.exactOptional(),
})
/** Answer. */
export const DestructionAnswer = z.strictObject({ approvalId: OpaqueId })

/** `GET /v1/destructions/:certificateId` answer. */
export const DestructionCertificate = z.looseObject({
  format: z.literal("nightlight-destruction/1"),
  certificateId: OpaqueId,
  basis: z.string(),
  orderedAt: Timestamp,
})

/** `GET /v1/preservation/clock` answer. */
export const PreservationClock = z.strictObject({
  seenAt: Timestamp.exactOptional(),
  /** While it is present, nothing ends by the clock. */
  suspendedAt: Timestamp.exactOptional(),
})

/** Answer of actions without a result. */
export const Done = z.strictObject({ done: z.literal(true) })

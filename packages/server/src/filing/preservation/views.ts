/**
 * Preservations and holds in the form of the API.
 * @module
 */
import type { HoldView, PreservationView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { z } from "zod"
import type { Hold, Preservation } from "./types.ts"

/** Times are ISO 8601. `held`: whether a hold of its case is in force, whatever `state` says. */
export function toView(item: Preservation, held: boolean): z.input<typeof PreservationView> {
  const { evidenceId, caseId, state, lockedUntil, reportId, destroyBy, certificateId, destroyedAt } = item
  return compact({
    evidenceId,
    caseId,
    state,
    held,
    lockedUntil: lockedUntil?.toISOString(),
    reportId,
    destroyBy: destroyBy?.toISOString(),
    certificateId,
    destroyedAt: destroyedAt?.toISOString(),
  })
}

/** A hold without its reference, which only people who open it read. */
export function toHoldView(hold: Hold): z.input<typeof HoldView> {
  const { holdId, caseId, reason, requestId, placedBy, placedAt, until, liftedBy, liftedAt } = hold
  return compact({
    holdId,
    caseId,
    reason,
    placedBy,
    placedAt: placedAt.toISOString(),
    requestId,
    until: until?.toISOString(),
    liftedBy,
    liftedAt: liftedAt?.toISOString(),
  })
}

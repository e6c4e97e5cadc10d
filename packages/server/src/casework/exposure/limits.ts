/**
 * Limits of viewings: one set for everybody, which counsel changes; loosening them is recorded.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { transact } from "../../platform/events/transact.ts"
import { lockLimits, readLimits, writeLimits } from "./store.ts"
import type { ExposureConfig, Limits } from "./types.ts"

/** Reads and sets the limits of viewings. */
export interface LimitsService {
  /** The limits in effect. */
  current(db?: Kysely<Tables>): Promise<Limits>
  /** Sets the named limits and keeps the others. The recorded event states whether any became looser. */
  set(counsel: PersonActor, wanted: Partial<Limits>): Promise<Limits>
}

/** Subject of the event that sets limits. */
const ORGANISATION = "organisation"

/** The limits that counsel set last, or those of the configuration. */
export function createLimits(deps: {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly config: ExposureConfig
}): LimitsService {
  const { db, clock, config } = deps
  const current = async (from = db): Promise<Limits> => (await readLimits(from)) ?? config.limits
  return {
    current,
    set: (counsel, wanted) =>
      transact(deps, counsel.id, async ({ trx, record }) => {
        // One at a time: the new limits build on the current ones.
        await lockLimits(trx)
        const before = await current(trx)
        const limits = { ...before, ...wanted }
        await writeLimits(trx, { limits, by: counsel.id, at: clock.now() })
        const loosened = isLooser(limits, before)
        record({ type: "exposure.limits-set", subject: ORGANISATION, data: { limits, loosened } })
        return limits
      }),
  }
}

/** Whether any limit becomes looser. */
export function isLooser(wanted: Limits, before: Limits): boolean {
  const { breakMinutes, ...counted } = wanted
  if (breakMinutes < before.breakMinutes) return true
  return (Object.keys(counted) as (keyof typeof counted)[]).some((name) => counted[name] > before[name])
}

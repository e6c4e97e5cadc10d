/**
 * Whether the clock may end anything. A clock that jumped ahead would destroy what must be kept; one that went back
 * would keep what must go. Either suspends every ending until a person says what time it is.
 * @module
 */
import { HOUR_MS, MINUTE_MS } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Alarms } from "../../staff/alarms/service.ts"

/** Longest time between two looks that is not a jump, hours: they are an hour apart while the service runs. */
export const MAX_STEP_HOURS = 48
/** How far the clock may go back between two looks, minutes. */
export const MAX_BACK_MINUTES = 5

const NAME = "preservation"

/** The guard. */
export interface ClockGuard {
  /** Looks at the clock. `false`: nothing ends now; an alarm stands. */
  mayEnd(): Promise<boolean>
  /** Whether endings are suspended, and since when by the clock that jumped. */
  state(): Promise<{ readonly seenAt: Date | undefined; readonly suspendedAt: Date | undefined }>
  /** A person says that the clock is right now. */
  confirm(person: string): Promise<void>
}

export function createClockGuard(deps: TransactDeps & { readonly alarms: Alarms }): ClockGuard {
  const { db, clock, alarms } = deps
  const reading = (from: Kysely<Tables>) => from.selectFrom("clock_watch").selectAll().where("name", "=", NAME)
  const write = (from: Kysely<Tables>, seenAt: Date, suspendedAt: Date | null) =>
    from
      .insertInto("clock_watch")
      .values({ name: NAME, seen_at: seenAt, suspended_at: suspendedAt })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ seen_at: seenAt, suspended_at: suspendedAt }))
      .execute()

  return {
    mayEnd: () =>
      transact(deps, "system-clock", async (tx) => {
        const now = clock.now()
        // Of two servers that look at once, the second sees what the first suspended.
        const row = await reading(tx.trx).forUpdate().executeTakeFirst()
        if (row?.suspended_at != null) return false
        if (row !== undefined && !isStep(row.seen_at, now)) {
          // The time last believed stays: a confirmed clock is measured against it no more.
          await write(tx.trx, row.seen_at, now)
          tx.record({ type: "clock.suspended", subject: "clock-preservation" })
          await alarms.raise(tx, { code: "clock-jumped", subject: "clock-preservation" })
          return false
        }
        await write(tx.trx, now, null)
        return true
      }),
    state: async () => {
      const row = await reading(db).executeTakeFirst()
      return { seenAt: row?.seen_at, suspendedAt: row?.suspended_at ?? undefined }
    },
    confirm: (person) =>
      transact(deps, person, async ({ trx, record }) => {
        await write(trx, clock.now(), null)
        record({ type: "clock.confirmed", subject: "clock-preservation" })
      }),
  }
}

function isStep(before: Date, now: Date): boolean {
  const step = now.getTime() - before.getTime()
  return step <= MAX_STEP_HOURS * HOUR_MS && step >= -MAX_BACK_MINUTES * MINUTE_MS
}

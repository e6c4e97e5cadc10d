/**
 * Decides whether the clock may end a preservation. A clock that jumped ahead would destroy what must be kept; one that
 * went back would keep what must go. After a jump, no preservation ends until a person confirms the time.
 * @module
 */
import { HOUR_MS, MINUTE_MS } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Alarms } from "../../staff/alarms/service.ts"

/** Longest time between two checks that is not a jump, hours: they are an hour apart while the server runs. */
export const MAX_STEP_HOURS = 48
/** How far the clock may go back between two checks, minutes. */
export const MAX_BACK_MINUTES = 5

const NAME = "preservation"

/** Suspends all endings of preservation once the clock has jumped, until a person confirms it. */
export interface ClockGuard {
  /** Checks the clock. `false`: nothing may end now, and an alarm is open. */
  mayEnd(): Promise<boolean>
  /** Whether endings are suspended, and since when by the clock that jumped. */
  state(): Promise<{ readonly seenAt: Date | undefined; readonly suspendedAt: Date | undefined }>
  /** Records that a person confirmed the clock. */
  confirm(person: string): Promise<void>
}

/**
 * All servers share one row of `clock_watch`, locked while it is checked, so that one of them suspends and raises the
 * alarm.
 */
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
        // If two servers check at once, the second sees the suspension by the first.
        const row = await reading(tx.trx).forUpdate().executeTakeFirst()
        if (row?.suspended_at != null) return false
        if (row !== undefined && !isStep(row.seen_at, now)) {
          // The last trusted time stays recorded; a confirmed clock is no longer compared with it.
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

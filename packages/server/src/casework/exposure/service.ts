/**
 * Exposure budgets, enforced here and not in the browser.
 * @module
 */
import { type Clock, HOUR_MS, MINUTE_MS, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import { blockOf, breakDueAt, hasTakenBreak, onBreakUntil } from "./budget.ts"
import { applyToBreaks, applyToDay, type ExposureEvent, type ExposureEventData } from "./events.ts"
import { createLimits, type LimitsService } from "./limits.ts"
import { localTime } from "./local-time.ts"
import * as store from "./store.ts"
import type { Block, BreakState, DayCounts, ExposureConfig, Limits } from "./types.ts"

/** Dependencies of {@link createExposure}. */
export interface ExposureDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly config: ExposureConfig
}

/** Facts about a viewing that its event records. */
export type ViewingRequest = Pick<
  ExposureEventData["viewing.requested"],
  "viewing" | "case" | "item" | "grant" | "purpose" | "reason"
>

/** A person's exposure now. */
export interface Exposure {
  readonly day: string
  readonly counts: DayCounts
  readonly limits: Limits
  readonly blocked: Block | undefined
  readonly breakDueAt: Date | undefined
  readonly onBreakUntil: Date | undefined
}

/** Counts viewings before they are shown, and refuses them where a limit is reached. */
export interface ExposureService {
  readonly limits: LimitsService
  /**
   * Counts a viewing before it is shown, within the caller's transaction.
   *
   * @returns The day that it counts for.
   * @throws {RequestError} `budget_reached`, with `details.by` and `details.until`.
   */
  admit(tx: EventTransaction, person: PersonActor, viewing: ViewingRequest): Promise<string>
  /** Undoes the count of a viewing that showed nothing, on the day that it was counted for. */
  fail(
    tx: EventTransaction,
    person: PersonActor,
    failed: { viewing: string; case: string; code: string; purpose: ViewingRequest["purpose"]; day: string },
  ): Promise<void>
  /** Records how long a viewing lasted. */
  end(
    tx: EventTransaction,
    person: PersonActor,
    ended: { viewing: string; case: string; seconds: number; presumed: boolean; at: Date },
  ): Promise<void>
  of(person: string): Promise<Exposure>
  /** Begins a break; no reason is needed. */
  startBreak(person: PersonActor): Promise<Exposure>
  endBreak(person: PersonActor): Promise<Exposure>
  /** Ends a person's day and summarises it. */
  endShift(person: PersonActor): Promise<{ day: string; counts: DayCounts; decisions: number }>
  /**
   * Checks that a person may be given more work: not during a break, and not when one is due.
   *
   * @throws {RequestError} `budget_reached`.
   */
  assertDispatch(person: string): Promise<void>
  people(): Promise<{ day: string; people: readonly ({ person: string } & DayCounts)[] }>
}

/** No day is longer, even when summer time ends. */
const LONGEST_DAY_MS = 25 * HOUR_MS

/** Rows are written with their events in one transaction; `audit verify` rebuilds them from the log. */
export function createExposure(deps: ExposureDeps): ExposureService {
  const { db, clock, config } = deps
  const limits = createLimits(deps)

  const exposureOf = async (
    from: Kysely<Tables>,
    person: string,
    { breaks, original = false }: { readonly breaks: BreakState; readonly original?: boolean },
  ): Promise<Exposure> => {
    const now = clock.now()
    const { timeZone } = config
    const { day } = localTime(now, timeZone)
    const inForce = await limits.current(from)
    const counts = await store.readDay(from, person, day)
    return {
      day,
      counts,
      limits: inForce,
      blocked: blockOf({ now, timeZone, limits: inForce, counts, breaks, original }),
      breakDueAt: breakDueAt(breaks, inForce, now),
      onBreakUntil: onBreakUntil(breaks, inForce, now),
    }
  }

  /** Records an event and writes the resulting state; the person's row is locked. */
  const apply = async (
    { trx, record }: EventTransaction,
    person: string,
    subject: string,
    breaks: BreakState,
    event: ExposureEvent,
  ) => {
    record({ type: event.type, subject, data: { ...event.data } })
    await store.writeBreaks(trx, person, applyToBreaks(breaks, event))
    if (!("day" in event.data)) return
    const counts = applyToDay(await store.readDay(trx, person, event.data.day), event)
    if (counts !== undefined) await store.writeDay(trx, person, event.data.day, counts)
  }

  const today = (at = clock.now()) => ({ day: localTime(at, config.timeZone).day, at: at.toISOString() })

  const rest = (person: PersonActor, event: (limits: Limits) => ExposureEvent) =>
    transact(deps, person.id, async (tx) => {
      const breaks = await store.lockBreaks(tx.trx, person.id)
      await apply(tx, person.id, person.id, breaks, event(await limits.current(tx.trx)))
    })

  const service: ExposureService = {
    limits,
    admit: async (tx, person, viewing) => {
      const breaks = await store.lockBreaks(tx.trx, person.id)
      const original = viewing.purpose === "original"
      const { blocked, limits: inForce } = await exposureOf(tx.trx, person.id, { breaks, original })
      if (blocked !== undefined) throw budgetReached(blocked)
      const rested = hasTakenBreak(breaks, inForce, clock.now())
      const counted = today()
      await apply(tx, person.id, viewing.case, breaks, {
        type: "viewing.requested",
        data: { ...viewing, ...counted, rested },
      })
      return counted.day
    },
    fail: async (tx, person, { viewing, case: subject, code, purpose, day }) => {
      const breaks = await store.lockBreaks(tx.trx, person.id)
      await apply(tx, person.id, subject, breaks, { type: "viewing.failed", data: { viewing, code, purpose, day } })
    },
    end: async (tx, person, { viewing, case: subject, seconds, presumed, at }) => {
      const breaks = await store.lockBreaks(tx.trx, person.id)
      await apply(tx, person.id, subject, breaks, {
        type: "viewing.ended",
        data: { viewing, seconds, presumed, ...today(at) },
      })
    },
    of: async (person) => exposureOf(db, person, { breaks: await store.readBreaks(db, person) }),
    startBreak: async (person) => {
      await rest(person, ({ breakMinutes }) => ({
        type: "break.started",
        data: { until: new Date(clock.now().getTime() + breakMinutes * MINUTE_MS).toISOString() },
      }))
      return service.of(person.id)
    },
    endBreak: async (person) => {
      await rest(person, () => ({ type: "break.ended", data: { at: clock.now().toISOString() } }))
      return service.of(person.id)
    },
    endShift: async (person) => {
      const { day } = today()
      const counts = await store.readDay(db, person.id, day)
      const since = new Date(clock.now().getTime() - LONGEST_DAY_MS).toISOString()
      const given = await readEvents(db, { actor: person.id, type: "case.decision-given", since })
      const decisions = given.filter(({ at }) => localTime(new Date(at), config.timeZone).day === day).length
      await transact(deps, person.id, async ({ record }) => {
        record({ type: "shift.ended", subject: person.id, data: { day, ...counts, decisions } })
      })
      return { day, counts, decisions }
    },
    assertDispatch: async (person) => {
      const { blocked } = await service.of(person)
      if (blocked?.by === "break") throw budgetReached(blocked)
    },
    people: async () => {
      const { day } = today()
      const rows = await store.readPeopleOfDay(db, day)
      return {
        day,
        people: rows.map(({ person_id: person, viewings, originals, seconds }) => ({
          person,
          viewings,
          originals,
          seconds,
        })),
      }
    },
  }
  return service
}

function budgetReached({ by, until }: Block): RequestError {
  return new RequestError("budget_reached", "you cannot view anything now; you can still decide without a viewing", {
    details: { by, until: until.toISOString() },
  })
}

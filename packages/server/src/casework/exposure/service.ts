/**
 * Exposure budgets, enforced here and nowhere in a browser.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { OwnLimits } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type Change, change } from "../../platform/events/change.ts"
import { readEvents } from "../../platform/events/read.ts"
import { blockOf, breakDueAt, hasRested, onBreakUntil } from "./budget.ts"
import { applyToDay, applyToStrain, type ExposureEvent, type ExposureEventData } from "./events.ts"
import { limitsInForce } from "./limits.ts"
import { createLimits, type LimitsService } from "./limits-service.ts"
import { localTime } from "./local-time.ts"
import * as store from "./store.ts"
import type { Block, DayCounts, ExposureConfig, Limits, Strain } from "./types.ts"

/** What exposure works with. */
export interface ExposureDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly config: ExposureConfig
}

/** A look that asks to be counted. */
export type LookAsked = Pick<
  ExposureEventData["look.requested"],
  "look" | "case" | "find" | "grant" | "purpose" | "reason"
>

/** Where a person stands now. */
export interface Standing {
  readonly day: string
  readonly counts: DayCounts
  readonly strain: Strain
  readonly limits: Limits
  readonly everybodys: Limits
  readonly own: OwnLimits
  readonly firstShifts: boolean
  readonly otherWork: boolean
  readonly blocked: Block | undefined
  readonly breakDueAt: Date | undefined
  readonly onBreakUntil: Date | undefined
}

/** Exposure. */
export interface ExposureService {
  readonly limits: LimitsService
  /**
   * Counts a look before it is shown, within the caller's change.
   *
   * @returns The day that it counts to.
   * @throws {RequestError} `budget_reached`, with `details.by` and `details.until`.
   */
  admit(change: Change, person: PersonActor, look: LookAsked): Promise<string>
  /** Takes a look back that showed nothing, from the day that it was counted to. */
  fail(
    change: Change,
    person: PersonActor,
    failed: { look: string; case: string; code: string; purpose: LookAsked["purpose"]; day: string },
  ): Promise<void>
  /** Counts how long a look lasted. */
  end(
    change: Change,
    person: PersonActor,
    ended: { look: string; case: string; seconds: number; presumed: boolean; at: Date },
  ): Promise<void>
  standing(person: string): Promise<Standing>
  /** Begins a break; nobody asks why. */
  startBreak(person: PersonActor): Promise<Standing>
  endBreak(person: PersonActor): Promise<Standing>
  /** Ends a person's day: what was done in it. */
  endShift(person: PersonActor): Promise<{ day: string; counts: DayCounts; decisions: number }>
  /**
   * Makes sure that a person may be given more work: not during a break, and not when one is due.
   *
   * @throws {RequestError} `budget_reached`.
   */
  assertDispatch(person: string): Promise<void>
  people(): Promise<{ day: string; people: readonly ({ person: string } & DayCounts)[] }>
}

const MINUTE_MS = 60_000
/** No day is longer, summer time or not. */
const DAY_MS = 25 * 3_600_000

/** Makes the service. */
export function createExposure(deps: ExposureDeps): ExposureService {
  const { db, clock, config } = deps
  const limits = createLimits(deps)

  const standingOf = async (
    from: Kysely<Tables>,
    person: string,
    strain: Strain,
    original: boolean,
  ): Promise<Standing> => {
    const now = clock.now()
    const { day } = localTime(now, config.timeZone)
    const shiftsBefore = await store.countShiftsBefore(from, person, day)
    const { everybodys, own } = await limits.of(from, person)
    const inForce = limitsInForce(everybodys, own, { ...config, shiftsBefore })
    const counts = await store.readDay(from, person, day)
    const otherWork = await hasDoneOtherWork(from, person, strain)
    const { timeZone } = config
    return {
      day,
      counts,
      strain,
      limits: inForce,
      everybodys,
      own,
      firstShifts: shiftsBefore < config.firstShifts,
      otherWork,
      blocked: blockOf({ now, timeZone, limits: inForce, counts, strain, original, otherWork }),
      breakDueAt: breakDueAt(strain, inForce, now),
      onBreakUntil: onBreakUntil(strain, inForce, now),
    }
  }

  /** Records an event and writes what it folds to; the person's row is locked. */
  const apply = async (
    { trx, record }: Change,
    person: string,
    subject: string,
    strain: Strain,
    event: ExposureEvent,
  ) => {
    record({ type: event.type, subject, data: { ...event.data } })
    await store.writeStrain(trx, person, applyToStrain(strain, event))
    if (!("day" in event.data)) return
    const counts = applyToDay(await store.readDay(trx, person, event.data.day), event)
    if (counts !== undefined) await store.writeDay(trx, person, event.data.day, counts)
  }

  const today = (at = clock.now()) => ({ day: localTime(at, config.timeZone).day, at: at.toISOString() })

  const rest = (person: PersonActor, event: (standing: Standing) => ExposureEvent) =>
    change(deps, person.id, async (changing) => {
      const strain = await store.lockStrain(changing.trx, person.id)
      const standing = await standingOf(changing.trx, person.id, strain, false)
      await apply(changing, person.id, person.id, strain, event(standing))
    })

  const service: ExposureService = {
    limits,
    admit: async (changing, person, look) => {
      const strain = await store.lockStrain(changing.trx, person.id)
      const standing = await standingOf(changing.trx, person.id, strain, look.purpose === "original")
      if (standing.blocked !== undefined) throw budgetReached(standing.blocked)
      const rested = hasRested(strain, standing.limits, clock.now())
      const { otherWork } = standing
      const counted = today()
      await apply(changing, person.id, look.case, strain, {
        type: "look.requested",
        data: { ...look, ...counted, rested, otherWork },
      })
      return counted.day
    },
    fail: async (changing, person, { look, case: subject, code, purpose, day }) => {
      const strain = await store.lockStrain(changing.trx, person.id)
      await apply(changing, person.id, subject, strain, { type: "look.failed", data: { look, code, purpose, day } })
    },
    end: async (changing, person, { look, case: subject, seconds, presumed, at }) => {
      const strain = await store.lockStrain(changing.trx, person.id)
      await apply(changing, person.id, subject, strain, {
        type: "look.ended",
        data: { look, seconds, presumed, ...today(at) },
      })
    },
    standing: async (person) => standingOf(db, person, await store.readStrain(db, person), false),
    startBreak: async (person) => {
      await rest(person, ({ limits: { breakMinutes } }) => ({
        type: "break.started",
        data: { until: new Date(clock.now().getTime() + breakMinutes * MINUTE_MS).toISOString() },
      }))
      return service.standing(person.id)
    },
    endBreak: async (person) => {
      await rest(person, () => ({ type: "break.ended", data: { at: clock.now().toISOString() } }))
      return service.standing(person.id)
    },
    endShift: async (person) => {
      const { day } = today()
      const counts = await store.readDay(db, person.id, day)
      const since = new Date(clock.now().getTime() - DAY_MS).toISOString()
      const given = await readEvents(db, { actor: person.id, type: "case.decision-given", since })
      const decisions = given.filter(({ at }) => localTime(new Date(at), config.timeZone).day === day).length
      await change(deps, person.id, async ({ record }) => {
        record({ type: "shift.ended", subject: person.id, data: { day, ...counts, decisions } })
      })
      return { day, counts, decisions }
    },
    assertDispatch: async (person) => {
      const { blocked } = await service.standing(person)
      if (blocked?.by === "break") throw budgetReached(blocked)
    },
    people: async () => {
      const { day } = today()
      const rows = await store.readPeopleOfDay(db, day)
      return {
        day,
        people: rows.map(({ person_id: person, looks, originals, seconds }) => ({ person, looks, originals, seconds })),
      }
    },
  }
  return service
}

/** Whether a person has decided a case other than the one looked at last, since then. */
async function hasDoneOtherWork(
  db: Kysely<Tables>,
  person: string,
  { lastLookAt, lastLookCase }: Strain,
): Promise<boolean> {
  if (lastLookAt === undefined) return false
  const given = await readEvents(db, { actor: person, type: "case.decision-given", since: lastLookAt })
  return given.some(({ data }) => data["subject"] !== lastLookCase)
}

function budgetReached({ by, until }: Block): RequestError {
  return new RequestError("budget_reached", "no look now; deciding without looking stays possible", {
    details: { by, until: until.toISOString() },
  })
}

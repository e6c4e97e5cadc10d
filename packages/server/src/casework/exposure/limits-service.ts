/**
 * Setting limits: everybody may tighten their own; loosening is counsel's, and recorded.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { OwnLimits } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { change } from "../../platform/events/change.ts"
import { isLooser, stricter } from "./limits.ts"
import { lockLimits, ORGANISATION, readLimits, readOwnLimits, writeLimits } from "./store.ts"
import type { ExposureConfig, Limits, SetLimits } from "./types.ts"

/** Limits of looking. */
export interface LimitsService {
  /** Everybody's, and what a person has of their own. */
  of(db: Kysely<Tables>, person: string): Promise<{ readonly everybodys: Limits; readonly own: OwnLimits }>
  everybodys(): Promise<Limits>
  /** Whoever has limits of their own. */
  own(): Promise<readonly SetLimits[]>
  /**
   * A person tightens their own.
   *
   * @throws {RequestError} `forbidden` if any would become looser.
   */
  tighten(person: PersonActor, wanted: OwnLimits): Promise<void>
  /** Counsel sets everybody's. */
  setEverybodys(counsel: PersonActor, wanted: OwnLimits): Promise<Limits>
  /** Counsel sets a person's own; they never let through more than everybody's. */
  setOwn(counsel: PersonActor, person: string, wanted: OwnLimits): Promise<void>
}

/** Makes the service. */
export function createLimits(deps: {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly config: ExposureConfig
}): LimitsService {
  const { db, clock, config } = deps
  const everybodysOf = async (from: Kysely<Tables>): Promise<Limits> => ({
    ...config.limits,
    ...(await readLimits(from, ORGANISATION)),
  })
  const of = async (from: Kysely<Tables>, person: string) => ({
    everybodys: await everybodysOf(from),
    own: (await readLimits(from, person)) ?? {},
  })
  const set = async <Set extends OwnLimits>(
    by: PersonActor,
    scope: string,
    toSet: (trx: Kysely<Tables>) => Promise<{ readonly limits: Set; readonly loosened: boolean }>,
  ): Promise<Set> =>
    change(deps, by.id, async ({ trx, record }) => {
      // One at a time: what is set rests on what is there.
      await lockLimits(trx)
      const { limits, loosened } = await toSet(trx)
      await writeLimits(trx, scope, { limits, by: by.id, at: clock.now() })
      record({ type: "exposure.limits-set", subject: scope, data: { limits, loosened } })
      return limits
    })
  return {
    of,
    everybodys: () => everybodysOf(db),
    own: () => readOwnLimits(db),
    tighten: async (person, wanted) => {
      await set(person, person.id, async (trx) => {
        const { everybodys, own } = await of(trx, person.id)
        if (isLooser(wanted, stricter(everybodys, own))) {
          throw new RequestError("forbidden", "you can tighten your limits; loosening them is counsel's")
        }
        return { limits: { ...own, ...wanted }, loosened: false }
      })
    },
    setEverybodys: (counsel, wanted) =>
      set(counsel, ORGANISATION, async (trx) => {
        const before = await everybodysOf(trx)
        return { limits: { ...before, ...wanted }, loosened: isLooser(wanted, before) }
      }),
    setOwn: async (counsel, person, wanted) => {
      await set(counsel, person, async (trx) => {
        const { everybodys, own } = await of(trx, person)
        return { limits: { ...own, ...wanted }, loosened: isLooser(wanted, stricter(everybodys, own)) }
      })
    },
  }
}

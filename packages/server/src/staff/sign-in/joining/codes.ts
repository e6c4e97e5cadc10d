/**
 * One-time codes without which no invitation and no reset opens. A host command makes one, and the person receives it
 * by another way than the link, so that whoever made the link cannot use it in their place.
 * @module
 */

import { timingSafeEqual } from "node:crypto"
import { HOUR_MS, RequestError } from "@nightlight/core"
import { formatOneTimeCode, newOneTimeCode, normaliseOneTimeCode } from "@nightlight/vault"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { PersonId } from "../../../platform/auth/actor.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { type EventTransaction, transact } from "../../../platform/events/transact.ts"
import { tokenDigest } from "../../../platform/secrets/tokens.ts"
import { SYSTEM_HOST } from "../../people/types.ts"
import type { SignInDeps } from "../types.ts"
import * as store from "./code-store.ts"

/** How long a code is valid. */
export const JOINING_CODE_HOURS = 24

const CODE_MS = JOINING_CODE_HOURS * HOUR_MS
const MAX_WRONG_TRIES = 5
const PURPOSE = "joining-code"

/** A new code, shown once, on the host. */
export interface MadeCode {
  readonly personId: PersonId
  readonly code: string
  readonly expiresAt: Date
}

/** Makes and checks one-time codes. */
export interface JoiningCodes {
  /**
   * Makes a code for each of these people, replacing earlier ones.
   *
   * @param people - Ids or e-mail addresses.
   * @throws {RequestError} `not_found` if somebody is unknown; `state_conflict` if somebody was deactivated. In both
   *   cases no code is made.
   */
  make(people: readonly string[]): Promise<readonly (MadeCode & { readonly email: string })[]>
  /** Makes a code for one person, in the caller's transaction. */
  makeIn(tx: EventTransaction, personId: PersonId): Promise<MadeCode>
  /**
   * Checks a code without using it. A wrong one counts; the fifth deletes the code and raises an alarm.
   *
   * @throws {RequestError} `forbidden`.
   */
  check(personId: PersonId, typed: string): Promise<void>
  /** Uses a code, in the caller's transaction. Throws {@link RequestError} `forbidden` if it is no longer valid. */
  use(tx: EventTransaction, personId: PersonId, typed: string): Promise<void>
}

const Sealed = z.strictObject({ digest: z.string(), expiresAt: z.iso.datetime() })

/**
 * The row holds only a sealed digest: wrong tries and use are read from the log, so that deleting rows resets nothing.
 */
export function createJoiningCodes(deps: SignInDeps): JoiningCodes {
  const { db, clock, people, sealer, alarms } = deps

  const isGood = async (on: Kysely<Tables>, personId: PersonId, lock: boolean, typed: string): Promise<boolean> => {
    const sealed = await store.findCode(on, personId, lock)
    if (sealed === undefined) return false
    const { digest, expiresAt } = Sealed.parse(JSON.parse(sealer.open(PURPOSE, personId, sealed).toString()))
    const logged = await store.readLoggedCode(on, personId)
    // The row holds only the code: the log says how often it was tried and whether it was used.
    const isLive = logged?.expiresAt === expiresAt && !logged.isUsed && logged.wrongTries < MAX_WRONG_TRIES
    const given = tokenDigest(normaliseOneTimeCode(typed))
    const isSame = timingSafeEqual(Buffer.from(digest), Buffer.from(given))
    return isLive && isSame && Date.parse(expiresAt) > clock.now().getTime()
  }
  const failTry = async (personId: PersonId): Promise<void> => {
    await transact(deps, personId, async (tx) => {
      if ((await store.findCode(tx.trx, personId, true)) === undefined) return
      const logged = await store.readLoggedCode(tx.trx, personId)
      const wrongTries = (logged?.wrongTries ?? 0) + 1
      if (wrongTries >= MAX_WRONG_TRIES) {
        await store.deleteCode(tx.trx, personId)
        await alarms.raise(tx, { code: "joining-code-guessed", subject: personId })
      }
      tx.record({ type: "joining-code.failed", subject: personId, data: { wrongTries } })
    })
  }
  const makeIn = async ({ trx, record }: EventTransaction, personId: PersonId): Promise<MadeCode> => {
    const code = newOneTimeCode()
    const expiresAt = new Date(clock.now().getTime() + CODE_MS)
    const content = { digest: tokenDigest(code), expiresAt: expiresAt.toISOString() }
    await store.putCode(
      trx,
      personId,
      sealer.seal(PURPOSE, personId, Buffer.from(JSON.stringify(content))),
      clock.now(),
    )
    record({ type: "joining-code.made", subject: personId, data: { expiresAt: content.expiresAt } })
    return { personId, code: formatOneTimeCode(code), expiresAt }
  }

  return {
    make: (named) =>
      transact(deps, SYSTEM_HOST, async (tx) => {
        const made: (MadeCode & { readonly email: string })[] = []
        for (const name of named) {
          const id = name.includes("@") ? (await people.findByEmail(name, tx.trx))?.id : name
          if (id === undefined) throw new RequestError("not_found", "nobody has this e-mail address")
          const person = await people.get(id, tx.trx)
          if (person.deactivatedAt !== undefined) {
            throw new RequestError("state_conflict", "this person was deactivated", { details: { id } })
          }
          made.push({ ...(await makeIn(tx, person.id)), email: person.email })
        }
        return made
      }),
    makeIn,
    check: async (personId, typed) => {
      if (await isGood(db, personId, false, typed)) return
      await failTry(personId)
      throw notGood()
    },
    use: async (tx, personId, typed) => {
      if (!(await isGood(tx.trx, personId, true, typed))) throw notGood()
      await store.deleteCode(tx.trx, personId)
      tx.record({ type: "joining-code.used", subject: personId })
    },
  }
}

function notGood(): RequestError {
  return new RequestError("forbidden", "this code does not open this link", {
    hint: "The operator of the machine makes another one: nightlight people code ADDRESS",
  })
}

/**
 * Authorities: NCMEC, and those of the configuration that people report to manually.
 * @module
 */
import { randomUUID } from "node:crypto"
import { RequestError } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { insertReferral, readReferrals } from "./store.ts"
import { type Authority, NCMEC, type Referral } from "./types.ts"

/** Dependencies of authorities. */
export interface AuthorityDeps extends TransactDeps {
  readonly contextKeys: ContextKeys
  /** Authorities of the configuration; all are `manual`. */
  readonly manual: readonly Authority[]
}

/** Authorities that a case can be reported to, and people's records of reports that they made elsewhere. */
export interface Authorities {
  /** NCMEC first. */
  list(): readonly Authority[]
  /**
   * Records that a person reported a case to an authority manually. It has no other effect: preservation and the case's
   * clock follow NCMEC's report alone.
   *
   * @throws {RequestError} `input_invalid` if there is no such authority, or the server files with it.
   */
  refer(
    actor: PersonActor,
    caseId: string,
    referral: { readonly authority: string; readonly reference: string },
  ): Promise<Referral>
  /** Oldest first. */
  of(caseId: string): Promise<readonly Referral[]>
}

/** References are sealed under the case's context key; the event `case.referred` does not hold them. */
export function createAuthorities(deps: AuthorityDeps): Authorities {
  const { db, clock, contextKeys, manual } = deps
  return {
    list: () => [NCMEC, ...manual],
    refer: (actor, caseId, { authority, reference }) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        if (!manual.some(({ id }) => id === authority)) {
          throw new RequestError(
            "input_invalid",
            "name an authority of the configuration that people report to manually",
          )
        }
        const referralId = `referral-${randomUUID()}`
        const madeAt = clock.now()
        const made: Referral = { referralId, caseId, authority, madeBy: actor.id, madeAt }
        const sealed = await contextKeys.seal(trx, caseId, `referral:${referralId}`, reference)
        await insertReferral(trx, made, sealed)
        record({ type: "case.referred", subject: caseId, data: { referral: referralId, authority } })
        return made
      }),
    of: (caseId) => readReferrals(db, caseId),
  }
}

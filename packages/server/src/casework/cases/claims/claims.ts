/**
 * Claims: one person works on a case at a time, for as long as the lease is renewed.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import { can } from "../../../platform/auth/permissions.ts"
import { transact } from "../../../platform/events/transact.ts"
import type { CasesDeps } from "../ports.ts"
import { lockNextHead } from "../queue/queue-store.ts"
import type { CaseHead } from "../state/head.ts"
import { applyEvents, lockHead } from "../store.ts"
import { holderOf, LEASE_MS, leaseEnd } from "./lease.ts"

/** An early renewal changes nothing, so that the log does not keep every heartbeat of an open page. */
const RENEW_BELOW_MS = LEASE_MS - 60_000

/**
 * Claims a case for a person. Somebody who already holds it keeps it with a new lease.
 *
 * @param version - The version that the person has seen.
 * @throws {RequestError} `state_conflict` if somebody else was faster (`details.claimedBy`) or the case has changed
 *   (`details.version`); `forbidden` if the person is not trained; `second_person_required` if they decided this case
 *   before.
 */
export async function claimCase(
  deps: CasesDeps,
  person: PersonActor,
  caseId: string,
  version: number,
): Promise<CaseHead> {
  await assertTrained(deps, person)
  return transact(deps, person.id, async (tx) => {
    const head = await lockHead(tx.trx, caseId)
    const now = deps.clock.now()
    assertUnheld(head, person, now)
    if (holderOf(head, now) !== person.id && head.version !== version) throw caseChangedError(head)
    assertIndependent(head, person)
    return applyEvents(tx, caseId, head, [claimed(person, now)])
  })
}

/**
 * Claims the first unclaimed case of the queue that this person may work on, except cases of categories that they opted
 * out of.
 *
 * @returns `undefined` when there is none.
 * @throws {RequestError} `forbidden` if the person is not trained.
 */
export async function claimNextCase(deps: CasesDeps, person: PersonActor): Promise<CaseHead | undefined> {
  await assertTrained(deps, person)
  return transact(deps, person.id, async (tx) => {
    const now = deps.clock.now()
    const resolves = can(person, "case:resolve")
    const without = await deps.optOuts.optOutCategories(person.id, tx.trx)
    const head = await lockNextHead(tx.trx, { person: person.id, resolves, without, now })
    if (head === undefined) return undefined
    return applyEvents(tx, head.caseId, head, [claimed(person, now)])
  })
}

/**
 * Renews a person's lease: the heartbeat of an open case. An expired lease is renewed too, while nobody else has
 * claimed the case.
 *
 * @throws {RequestError} `state_conflict` if somebody else holds the claim by now, or it was released.
 */
export async function renewClaim(deps: CasesDeps, person: PersonActor, caseId: string): Promise<CaseHead> {
  return transact(deps, person.id, async (tx) => {
    const head = await lockHead(tx.trx, caseId)
    if (head.claim?.by !== person.id) throw conflict(head, "you have not claimed this case")
    const now = deps.clock.now()
    if (holderOf(head, now) === person.id && Date.parse(head.claim.until) - now.getTime() > RENEW_BELOW_MS) return head
    return applyEvents(tx, caseId, head, [{ type: "case.claim-renewed", data: { until: leaseEnd(now) } }])
  })
}

/** Releases a claim. Does nothing if the person does not hold the case. */
export async function releaseClaim(deps: CasesDeps, person: PersonActor, caseId: string): Promise<CaseHead> {
  return transact(deps, person.id, async (tx) => {
    const head = await lockHead(tx.trx, caseId)
    if (head.claim?.by !== person.id) return head
    return applyEvents(tx, caseId, head, [{ type: "case.released", data: { by: person.id } }])
  })
}

/**
 * Checks that a person holds a case.
 *
 * @throws {RequestError} `state_conflict`, with `details.claimedBy` if somebody else does.
 */
export function assertHolder(head: CaseHead, person: PersonActor, now: Date): void {
  if (holderOf(head, now) !== person.id) throw conflict(head, "claim the case first", holderOf(head, now))
}

/** The error for a case that has changed since the caller saw it. */
export function caseChangedError(head: CaseHead): RequestError {
  return conflict(head, "the case has changed since you saw it")
}

/**
 * Checks that a person's training is valid.
 *
 * @throws {RequestError} `forbidden`.
 */
export async function assertTrained({ training }: Pick<CasesDeps, "training">, person: PersonActor): Promise<void> {
  if (await training.isTrained(person.id)) return
  throw new RequestError("forbidden", "reviewing needs a recorded training that has not expired", {
    hint: "An administrator records training under Administration, People.",
  })
}

/**
 * Checks that the person who judges a second time did not judge the first.
 *
 * @throws {RequestError} `second_person_required`; `forbidden` if the person may not resolve disagreements.
 */
export function assertIndependent({ state, deciders, caseId }: CaseHead, person: PersonActor): void {
  if (state === "decided" || state === "settling") return
  const earlier = state === "open" ? [] : [deciders.first, ...(state === "resolution" ? [deciders.second] : [])]
  if (earlier.includes(person.id)) {
    throw new RequestError(
      "second_person_required",
      "you have decided this case before: somebody else must judge now",
      {
        details: { caseId },
      },
    )
  }
  if (state === "resolution" && !can(person, "case:resolve")) {
    throw new RequestError("forbidden", "two reviewers disagree: a senior reviewer must resolve it", {
      details: { caseId },
    })
  }
}

function assertUnheld(head: CaseHead, person: PersonActor, now: Date): void {
  const holder = holderOf(head, now)
  if (holder !== undefined && holder !== person.id) throw conflict(head, "somebody else was faster", holder)
}

function claimed(person: PersonActor, now: Date) {
  return { type: "case.claimed", data: { by: person.id, until: leaseEnd(now) } } as const
}

function conflict({ caseId, state, version }: CaseHead, message: string, claimedBy?: string): RequestError {
  return new RequestError("state_conflict", message, {
    details: compact({ caseId, state, version, claimedBy }),
  })
}

/**
 * Shadow runs: a version decides beside the active one, and what it would have decided is counted.
 * @module
 */
import { randomUUID } from "node:crypto"
import { type Decision, RequestError } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Surface } from "../../platform/db/tables/intake.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import { countsOf, endRun, insertRun } from "./shadow-store.ts"
import { digestIn, findVersion, lockPolicies, setState } from "./store.ts"
import { subjectOf } from "./types.ts"

/** How often the active version made one decision and the shadow another, or the same. */
export interface ShadowCount {
  readonly shadowId: string
  /** The version that was active then. */
  readonly beside: string
  readonly surface: Surface
  readonly from: Decision
  readonly to: Decision
  readonly count: number
}

/** A version's run in shadow; at most one runs at a time. */
export interface ShadowRun {
  readonly shadowId: string
  readonly digest: string
  readonly startedBy: string
  readonly startedAt: Date
  readonly endedBy: string | undefined
  readonly endedAt: Date | undefined
  readonly counts: readonly ShadowCount[]
}

/**
 * Starts a run.
 *
 * @throws {RequestError} `not_found`; `state_conflict` if the version is active, or another one is in shadow.
 */
export function startShadow(deps: TransactDeps, actor: PersonActor, digest: string): Promise<void> {
  return transact(deps, actor.id, async ({ trx, record }) => {
    await lockPolicies(trx)
    const version = await findVersion(trx, digest)
    if (version === undefined) throw new RequestError("not_found", "there is no such version of the policy")
    if (version.state === "active") throw new RequestError("state_conflict", "this version is already active")
    const running = await digestIn(trx, "shadow")
    if (running === digest) throw new RequestError("state_conflict", "this version is already in shadow")
    if (running !== undefined) {
      throw new RequestError("state_conflict", "another version is in shadow", {
        details: { digest: running },
        hint: "End its run first: only one version at a time can be in shadow.",
      })
    }
    const shadowId = `shadow-${randomUUID()}`
    await setState(trx, digest, "shadow")
    await insertRun(trx, { shadowId, digest, startedBy: actor.id, startedAt: deps.clock.now() })
    record({ type: "policy.shadow-started", subject: subjectOf(digest), data: { shadow: shadowId } })
  })
}

/**
 * Ends a version's run on a person's request.
 *
 * @throws {RequestError} `not_found`; `state_conflict` if it is not in shadow.
 */
export function stopShadow(deps: TransactDeps, actor: PersonActor, digest: string): Promise<void> {
  return transact(deps, actor.id, async (tx) => {
    await lockPolicies(tx.trx)
    const version = await findVersion(tx.trx, digest)
    if (version === undefined) throw new RequestError("not_found", "there is no such version of the policy")
    if (version.state !== "shadow") throw new RequestError("state_conflict", "this version is not in shadow")
    await endShadow(tx, digest, { by: actor.id, at: deps.clock.now() })
    await setState(tx.trx, digest, version.activatedAt === undefined ? "draft" : "retired")
  })
}

/** Ends a version's run, with its counts in the log. The caller holds the lock and writes the version's state. */
export async function endShadow(
  { trx, record }: EventTransaction,
  digest: string,
  end: { readonly by: string; readonly at: Date },
): Promise<void> {
  const shadowId = await endRun(trx, digest, end)
  if (shadowId === undefined) return
  const counts = await countsOf(trx, [shadowId])
  const { screened, same } = sumShadowCounts(counts)
  record({
    type: "policy.shadow-ended",
    subject: subjectOf(digest),
    data: { shadow: shadowId, screened, changed: screened - same },
  })
}

/** Number of decisions that both made, and on how many they agree. */
export function sumShadowCounts(counts: readonly ShadowCount[]): { readonly screened: number; readonly same: number } {
  const add = (sum: number, { count }: ShadowCount) => sum + count
  return { screened: counts.reduce(add, 0), same: counts.filter(({ from, to }) => from === to).reduce(add, 0) }
}

/**
 * The interface of policies to the routes.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import { type Admission, loadPolicy, type Policy } from "@nightlight/screening"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { transact } from "../../platform/events/transact.ts"
import { admit, admitOrThrow } from "./admission.ts"
import { type FileState, type IngestFileDeps, readFileState } from "./policy-file.ts"
import { type ShadowRun, startShadow, stopShadow } from "./shadow-runs.ts"
import { runsOf } from "./shadow-store.ts"
import {
  type Activation,
  activationsOf,
  digestIn,
  findVersion,
  listVersions,
  lockPolicies,
  previousOf,
  readPolicyText,
} from "./store.ts"
import { findTrial, type Trial, trialsOf } from "./trial-store.ts"
import { startTrial, type TrialDeps } from "./trials.ts"
import type { Period, PolicyText, PolicyVersion } from "./types.ts"
import { digestOf, keepVersion, toDraft } from "./versions.ts"

/** All versions, with the active one and the one in shadow. */
export interface PolicyOverview {
  readonly versions: readonly PolicyVersion[]
  readonly active: string | undefined
  readonly shadow: string | undefined
  /** The version that a roll-back makes active. */
  readonly previous: string | undefined
  readonly file: FileState
}

/** A version with its text and history. */
export interface WholePolicy {
  readonly version: PolicyVersion
  readonly policyText: PolicyText
  readonly policy: Policy
  readonly activations: readonly Activation[]
}

/** Versions of the policy, their trials and shadow runs. */
export interface Policies {
  overview(): Promise<PolicyOverview>
  has(digest: string): Promise<boolean>
  /** @throws {RequestError} `not_found`; `policy_invalid` if this version of the program no longer loads it. */
  get(digest: string): Promise<WholePolicy>
  /** Everything that keeps a text from being stored. Stores nothing. */
  check(policyText: PolicyText): Admission
  /**
   * Stores a text as a draft; returns the existing version if there is one.
   *
   * @throws {RequestError} `policy_invalid`; `state_conflict` if the text is stored with other tests.
   */
  keep(actor: PersonActor, policyText: PolicyText): Promise<PolicyVersion>
  /** See {@link startTrial}. */
  try(actor: PersonActor, digest: string, period: Period): Promise<Trial>
  /** A trial of this very version. */
  trial(digest: string, trialId: string): Promise<Trial>
  trials(digest: string): Promise<readonly Trial[]>
  /** See {@link startShadow}. */
  startShadow(actor: PersonActor, digest: string): Promise<readonly ShadowRun[]>
  /** See {@link stopShadow}. */
  stopShadow(actor: PersonActor, digest: string): Promise<readonly ShadowRun[]>
  shadowRuns(digest: string): Promise<readonly ShadowRun[]>
}

/** Dependencies of {@link createPolicies}. */
export type PoliciesDeps = TrialDeps &
  IngestFileDeps & {
    /** Writes what this process's shadow counted, so that a reader sees it. */
    readonly flushShadow: () => Promise<void>
  }

/** Writes this process's counts of a shadow run to the database before it reads them. */
export function createPolicies(deps: PoliciesDeps): Policies {
  const { db, clock } = deps
  const missing = () => new RequestError("not_found", "there is no such version of the policy")
  const shadowRuns = async (digest: string): Promise<readonly ShadowRun[]> => {
    await deps.flushShadow()
    return runsOf(db, digest)
  }
  return {
    overview: async () => {
      const [versions, active, shadow] = await Promise.all([
        listVersions(db),
        digestIn(db, "active"),
        digestIn(db, "shadow"),
      ])
      const previous = active === undefined ? undefined : await previousOf(db, active)
      return { versions, active, shadow, previous, file: await readFileState(deps, active) }
    },
    has: async (digest) => (await findVersion(db, digest)) !== undefined,
    get: async (digest) => {
      const [version, policyText] = await Promise.all([findVersion(db, digest), readPolicyText(db, digest)])
      if (version === undefined || policyText === undefined) throw missing()
      const { text, testsText } = policyText
      const options = compact({ fileName: "policy.yaml", clock, testsText })
      return { version, policyText, policy: loadPolicy(text, options), activations: await activationsOf(db, digest) }
    },
    check: (policyText) => admit(policyText, clock),
    keep: async (actor, policyText) => {
      const policy = admitOrThrow(policyText, clock)
      const draft = toDraft(policyText, policy, { madeBy: actor.id, madeAt: clock.now() })
      return transact(deps, actor.id, async (tx) => {
        await lockPolicies(tx.trx)
        const known = await findVersion(tx.trx, draft.digest)
        if (known === undefined) {
          await keepVersion(tx, draft, policyText)
          return draft
        }
        const kept = await readPolicyText(tx.trx, draft.digest)
        if (kept?.testsText === policyText.testsText) return known
        throw new RequestError("state_conflict", "this text is already stored with other tests", {
          details: { digest: digestOf(policyText) },
          hint: "A version never changes: raise the number in the text, or write the tests into it.",
        })
      })
    },
    try: (actor, digest, period) => startTrial(deps, actor, { digest, period }),
    trial: async (digest, trialId) => {
      const trial = await findTrial(db, trialId)
      if (trial?.digest !== digest) throw new RequestError("not_found", "there is no such trial of this version")
      return trial
    },
    trials: (digest) => trialsOf(db, digest),
    startShadow: async (actor, digest) => {
      await startShadow(deps, actor, digest)
      return shadowRuns(digest)
    },
    stopShadow: async (actor, digest) => {
      await deps.flushShadow()
      await stopShadow(deps, actor, digest)
      return shadowRuns(digest)
    },
    shadowRuns,
  }
}

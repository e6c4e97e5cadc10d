/**
 * What comes in: sources, pushed findings, single screenings, over the data folder's lists and evidence.
 * @module
 */
import { DependencyError, hasCode } from "@nightlight/core"
import { openFingerprinter } from "@nightlight/screening"
import { createKnownFalsePositives } from "../../intake/false-positives/known-false-positives.ts"
import { takeInJob } from "../../intake/findings/jobs/take-in.ts"
import { takeInWaitingJob } from "../../intake/findings/jobs/take-in-waiting.ts"
import { intakeMeasures } from "../../intake/findings/measures.ts"
import { intakeRoutes } from "../../intake/findings/routes.ts"
import { createIntake } from "../../intake/findings/service.ts"
import type { TakeInDeps } from "../../intake/findings/take-in.ts"
import type { AlarmPort, CasesPort, Intake } from "../../intake/findings/types.ts"
import { createIndexFloor } from "../../intake/lists/floor.ts"
import { type LiveIndex, openLiveIndex } from "../../intake/lists/live-index.ts"
import { createLivePolicy, type LivePolicy } from "../../intake/policies/live-policy.ts"
import { forgetAnswersJob } from "../../intake/screen/jobs/forget-answers.ts"
import { screenRoutes } from "../../intake/screen/routes.ts"
import { createScreen } from "../../intake/screen/service.ts"
import type { Screen } from "../../intake/screen/types.ts"
import { handoverRoutes } from "../../intake/sources/handover.ts"
import { sourceRoutes } from "../../intake/sources/routes.ts"
import type { Sources } from "../../intake/sources/types.ts"
import { isolationFor } from "../../platform/config/isolation.ts"
import { openSealedEvidence, type SealedEvidence } from "../../platform/evidence-store/sealed-evidence.ts"
import type { Feature } from "../../platform/feature.ts"
import type { Shared } from "../../platform/shared.ts"
import { lazily } from "./lazily.ts"
import { openWorkspaceParts, policyFileOf } from "./workspace.ts"

/** The services of what comes in. */
export interface Incoming {
  readonly sources: Sources
  readonly intake: Intake
  readonly screen: Screen
  /** The service's own snapshot of the lists. */
  readonly index: LiveIndex
  readonly evidence: SealedEvidence
  /** What is decided by: the version that two people made active. */
  readonly policy: LivePolicy
  readonly feature: Feature
  /** Writes what was counted, closes the index and ends the decoder. */
  close(): Promise<void>
}

/** What {@link createIncoming} takes of other features. */
export interface IncomingDeps {
  readonly cases: CasesPort
  readonly alarms: AlarmPort
  readonly sources: Sources
  /** Follows each find that is taken in. */
  readonly taken: NonNullable<TakeInDeps["taken"]>
}

/** Makes them. Lists, evidence and decoder are opened when they are first used: the workspace may come later. */
export function createIncoming(shared: Shared, { cases, alarms, sources, taken }: IncomingDeps): Incoming {
  const { db, clock, custodian, jobs, contextKeys, digests, paths } = shared
  const workspace = lazily(() => openWorkspaceParts(paths.workspace).catch(notReady))
  const policy = createLivePolicy({ db, clock, file: policyFileOf(paths.workspace) })
  const index = lazily(async () => {
    const { indexDir, verifier } = await workspace()
    return openLiveIndex({
      indexDir,
      verifier,
      clock,
      floor: createIndexFloor({ db, clock }),
      onRefused: ({ code, version }) =>
        alarms.raiseNow({ code: "list-index-refused", subject: `index-${version}`, data: { fault: code } }),
    })
  })
  const evidence = lazily(async () => {
    const { evidenceDir: dir, manifest, verifier, digests: own } = await workspace()
    return openSealedEvidence({ dir, manifest, verifier, digests: own, clock })
  })
  const decoder = lazily(() =>
    openFingerprinter({ readRoots: [], profile: "fullres", kernel: "fast", isolation: isolationFor(shared.config) }),
  )
  const sealed: SealedEvidence = {
    receive: async (input) => (await evidence()).receive(input),
    put: async (input) => (await evidence()).put(input),
    find: async (evidenceId) => (await evidence()).find(evidenceId),
    remove: async (evidenceId) => (await evidence()).remove(evidenceId),
  }
  const live = lazyIndex(index)
  const falsePositives = createKnownFalsePositives({ db, digests })
  const intake = createIntake({ db, clock, contextKeys, digests, jobs, sources, alarms, evidence: sealed })
  const screening = lazily(async () => {
    const { custody } = await workspace()
    return createScreen({
      db,
      clock,
      digests,
      sources,
      alarms,
      intake,
      custody,
      falsePositives,
      callsPerMinute: shared.config.screen.callsPerMinute,
      atOnce: shared.config.screen.atOnce,
      policy: () => policy.at("screen"),
      evidence: sealed,
      index: live,
      fingerprint: async (source, signal) => (await decoder()).fingerprint(source, signal),
    })
  })
  const screen: Screen = {
    screen: async (...call) => (await screening()).screen(...call),
    flush: async () => (await screening.opened())?.flush(),
  }
  const takeInDeps = async () => {
    const decidedBy = await policy.at("intake")
    return {
      db,
      clock,
      contextKeys,
      digests,
      custodian,
      cases,
      alarms,
      policy: decidedBy,
      index: live,
      falsePositives,
      taken,
    }
  }
  return {
    sources,
    intake,
    screen,
    index: live,
    evidence: sealed,
    policy,
    feature: {
      name: "incoming",
      routes: (app) => {
        // A server that will screen opens it before the first call asks; a worker when its first job does.
        app.addHook("onReady", async () => {
          for (const opened of [live, policy]) opened.refresh().catch(() => undefined)
        })
        sourceRoutes(app, { sources })
        handoverRoutes(app, { db, clock, sources, alarms })
        intakeRoutes(app, { intake })
        screenRoutes(app, { screen })
      },
      jobs: [
        takeInJob(takeInDeps),
        takeInWaitingJob({ db, clock, custodian, jobs, index: live }),
        forgetAnswersJob({ db, clock }),
      ],
      measures: intakeMeasures({ db }),
    },
    close: async () => {
      await screen.flush()
      await policy.close()
      await live.close()
      await (await decoder.opened()?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}

function lazyIndex(index: ReturnType<typeof lazily<LiveIndex>>): LiveIndex {
  let opened: LiveIndex | undefined
  const get = async () => {
    opened = await index()
    return opened
  }
  return {
    use: async (work) => (await get()).use(work),
    refresh: async () => (await get()).refresh(),
    state: () => opened?.state() ?? { screens: false },
    close: async () => (await index.opened()?.catch(() => undefined))?.close(),
  }
}

/** Without a workspace nothing can be screened or taken in yet: everybody waits, nobody is told that it failed for good. */
function notReady(error: unknown): never {
  if (!hasCode(error, "workspace_missing")) throw error
  throw new DependencyError("unavailable", "the data folder has no workspace yet: nothing can be screened", {
    hint: "nightlight custodian init makes it.",
  })
}

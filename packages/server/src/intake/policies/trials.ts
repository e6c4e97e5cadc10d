/**
 * Trials: a version decides stored past findings again, without any effect.
 * @module
 */
import { randomUUID } from "node:crypto"
import { setImmediate as breathe } from "node:timers/promises"
import { MAX_TRIAL_FINDINGS } from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import { loadPolicy, type Policy } from "@nightlight/screening"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { TrialCursor, TrialTally } from "../../platform/db/tables/intake.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Jobs } from "../../platform/jobs/job.ts"
import { readPolicyText } from "./store.ts"
import { endTrial, findTrial, insertTrial, type Trial, writeTally } from "./trial-store.ts"
import { addToTally, emptyTally } from "./trial-tally.ts"
import { type PastDecision, type PastDecisions, type Period, subjectOf } from "./types.ts"

/** Name of the job that runs a trial of many findings. */
export const TRY_POLICY = "try-policy"

/** Dependencies of trials. */
export interface TrialDeps extends TransactDeps {
  readonly jobs: Jobs
  /** Items of cases. */
  readonly items: PastDecisions
  /** Received findings that belong to no case, as scans decided them. */
  readonly findings: PastDecisions
  /** How many received findings of a period are neither. */
  readonly leftOut: (period: Period) => Promise<{ readonly unproven: number; readonly exchanges: number }>
  /** Number of findings that are decided while the caller waits; 2,000 by default. */
  readonly batchSize?: number
}

const BATCH_SIZE = 2000
const PAGE = 500
/** Decisions after which other work gets its turn. */
const TURN = 50
const FINISH_AFTER_MS = 60_000
const SYSTEM = "system-policies"

/**
 * Starts a trial, and completes it if there are few findings; otherwise a job does.
 *
 * @throws {RequestError} `not_found`; `input_invalid` if the period ends before it starts.
 */
export async function startTrial(
  deps: TrialDeps,
  actor: PersonActor,
  { digest, period: asked }: { readonly digest: string; readonly period: Period },
): Promise<Trial> {
  const { db, clock, jobs, items: caseItems, findings, batchSize = BATCH_SIZE } = deps
  const requestedAt = clock.now()
  // Findings that arrive while it runs are not part of the past.
  const period = { from: asked.from, to: new Date(Math.min(asked.to.getTime(), requestedAt.getTime())) }
  if (period.from >= period.to)
    throw new RequestError("input_invalid", "the period ends before it starts, or in the future")
  const [ofCases, ofNone, leftOut] = await Promise.all([
    caseItems.count(period),
    findings.count(period),
    deps.leftOut(period),
  ])
  const total = Math.min(ofCases + ofNone, MAX_TRIAL_FINDINGS)
  const tally = emptyTally({ ...leftOut, beyondLimit: ofCases + ofNone - total })
  const trialId = `trial-${randomUUID()}`
  const isShort = total <= batchSize
  await transact(deps, actor.id, async ({ trx, record }) => {
    await insertTrial(trx, {
      trialId,
      digest,
      state: "running",
      period,
      requestedBy: actor.id,
      requestedAt,
      endedAt: undefined,
      total,
      tally,
    })
    record({ type: "policy.trial-started", subject: subjectOf(digest), data: { trial: trialId, findings: total } })
    // A short one is over by then, unless this process has ended.
    const startAfter = isShort ? new Date(requestedAt.getTime() + FINISH_AFTER_MS) : undefined
    await jobs.enqueue(trx, TRY_POLICY, { trial: trialId }, compact({ singletonKey: trialId, startAfter }))
  })
  if (isShort) await runTrial(deps, trialId, new AbortController().signal)
  return mustFind(db, trialId)
}

/**
 * Continues a trial. Safe to run again; a trial that has ended is left alone.
 *
 * @throws the reason of `signal`, and the database's errors: the trial is continued later. Any other error ends it.
 */
export async function runTrial(deps: TrialDeps, trialId: string, signal: AbortSignal): Promise<void> {
  const trial = await mustFind(deps.db, trialId)
  if (trial.state !== "running") return
  const policyText = await readPolicyText(deps.db, trial.digest)
  let policy: Policy
  try {
    policy = loadPolicy(policyText?.text ?? "", { fileName: "policy.yaml", clock: deps.clock })
  } catch (error) {
    await finishTrial(deps, trial, "failed")
    throw error
  }
  let { tally } = trial
  const limit = () => trial.total - tally.cursors.items.read - tally.cursors.findings.read
  for (const source of ["items", "findings"] as const) {
    while (!tally.cursors[source].isDone) {
      signal.throwIfAborted()
      const cursor = tally.cursors[source]
      const page = await deps[source].read(trial.period, { ...pageAfter(cursor), limit: Math.min(PAGE, limit()) })
      const decided = await decideAll(policy, page)
      tally = { ...addToTally(tally, decided), cursors: { ...tally.cursors, [source]: moved(cursor, page, limit()) } }
      await writeTally(deps.db, trialId, { tally, total: trial.total })
    }
  }
  await finishTrial(deps, { ...trial, tally }, "done")
}

async function decideAll(policy: Policy, page: readonly PastDecision[]) {
  const decided = []
  for (const [index, past] of page.entries()) {
    if (index % TURN === TURN - 1) await breathe()
    decided.push({ past, replayed: past.known === undefined ? undefined : policy.replay(past.known) })
  }
  return decided
}

function pageAfter({ last }: TrialCursor) {
  return last === undefined ? {} : { before: { at: new Date(last.at), id: last.id } }
}

function moved(cursor: TrialCursor, page: readonly PastDecision[], limit: number): TrialCursor {
  const last = page.at(-1)
  return compact({
    read: cursor.read + page.length,
    isDone: page.length === 0 || page.length >= limit,
    last: last === undefined ? cursor.last : { at: last.at.toISOString(), id: last.id },
  })
}

async function finishTrial(deps: TrialDeps, trial: Trial, state: "done" | "failed"): Promise<void> {
  const { trialId, digest, tally } = trial
  await transact(deps, SYSTEM, async ({ trx, record }) => {
    const examined = countExamined(tally)
    await writeTally(trx, trialId, { tally, total: state === "done" ? examined + tally.unreadable : trial.total })
    if (!(await endTrial(trx, trialId, { state, at: deps.clock.now() }))) return
    const { unchanged, changed, undecided } = tally
    record({
      type: state === "done" ? "policy.trial-ended" : "policy.trial-failed",
      subject: subjectOf(digest),
      data: { trial: trialId, unchanged, changed, undecided },
    })
  })
}

/** Number of findings that were decided. */
export function countExamined({
  unchanged,
  changed,
  undecided,
}: Pick<TrialTally, "unchanged" | "changed" | "undecided">): number {
  return unchanged + changed + undecided
}

async function mustFind(db: TrialDeps["db"], trialId: string): Promise<Trial> {
  const trial = await findTrial(db, trialId)
  if (trial === undefined) throw new RequestError("not_found", "there is no such trial")
  return trial
}

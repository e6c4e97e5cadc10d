/**
 * Files one approved report: takes its lease and makes step after step, each recorded before and after its call, until
 * the CyberTipline has the report, a person is needed, or it must wait.
 * @module
 */
import type { FilingAnswer } from "@nightlight/contract/custodian"
import { type Clock, hasCode } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { CustodianClient } from "../../../platform/custodian/port.ts"
import type { StepOutcome } from "../../../platform/db/tables/filing.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { type EventTransaction, transact } from "../../../platform/events/transact.ts"
import { MAX_RETRY_SECONDS } from "../store.ts"
import type { ReportId } from "../types.ts"
import { isApproved } from "./approval.ts"
import { callCustodian, type FilingCall, type FilingSubject } from "./call-custodian.ts"
import {
  holdLease,
  insertMarker,
  type Lease,
  readSteps,
  releaseLease,
  takeLease,
  writeOutcome,
} from "./filing-store.ts"
import { nextStep, type PersonDecisions } from "./next.ts"
import { type FilingStep, type Next, stepKey } from "./steps.ts"

/** Dependencies of filing. */
export interface FilingDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly custodian: CustodianClient
  /** Reads the report to file, with its proven grant and people's decisions about a stopped filing. */
  readonly subjectOf: (reportId: ReportId) => Promise<FilingSubject & { readonly said: PersonDecisions }>
  /** Seals the CyberTipline's answer, under the key of the report's case. */
  readonly sealAnswer: (tx: EventTransaction, reportId: ReportId, answer: FilingAnswer) => Promise<Buffer>
  /** Whether filing is paused: after a restore, until it is reconciled. */
  readonly isPaused: () => Promise<boolean>
  /** Writes the end into the report, with all consequences. */
  readonly finishReport: (tx: EventTransaction, reportId: ReportId, remoteReportId: string) => Promise<void>
  /** Holds the report for a person. */
  readonly holdReport: (tx: EventTransaction, reportId: ReportId, hold: Extract<Next, { do: "hold" }>) => Promise<void>
  /** First wait after a failed call, seconds; doubled each time, up to half an hour. */
  readonly retrySeconds: number
  /** How long a worker that stopped renewing keeps a report from the others, seconds. */
  readonly leaseSeconds: number
}

/**
 * Result of a run. `later`: the custodian is not ready, or a call is to be repeated; `not-ours`: filing is paused, or
 * another worker has the lease.
 */
export type FilingResult = "finished" | "held" | "later" | "not-ours"

const ACTOR = "system-filing"
/**
 * Doublings of the first wait for a report whose approval the log does not know: half an hour, while an alarm is open.
 */
const UNAPPROVED_WAIT = 20

/**
 * Files a report as far as possible now. Safe to call at any time, any number of times, from any number of workers.
 *
 * @returns `later` when the next try is due after a wait; `not-ours` when another worker holds the report, or it must
 *   not be filed.
 * @throws {DependencyError} if the database does not answer: the marker shows which call was in progress.
 */
export async function fileReport(deps: FilingDeps, reportId: ReportId, signal: AbortSignal): Promise<FilingResult> {
  if (await deps.isPaused()) return "not-ours"
  if ((await deps.custodian.state()).state !== "ready") return "later"
  const lease = await takeLease(deps.db, reportId, deps.leaseSeconds)
  if (lease === undefined) return "not-ours"
  if (!(await isApproved(deps.db, reportId))) return releaseForRetry(deps, lease, UNAPPROVED_WAIT)
  const subject = await deps.subjectOf(reportId)
  const evidenceIds = subject.content.files.map(({ evidenceId }) => evidenceId)
  for (;;) {
    const steps = await readSteps(deps.db, reportId)
    const next = nextStep(steps, evidenceIds, subject.said)
    if (next.do === "finish") {
      const known = await isFinishedAt(deps.custodian, subject.proven.grant.grantId, next.remoteReportId)
      if (known === undefined) return releaseForRetry(deps, lease, failures(steps) + 1)
      return finishOrHold(deps, lease, known ? next : { do: "hold", code: "undecided" })
    }
    if (next.do !== "call") return finishOrHold(deps, lease, next)
    if (signal.aborted) return releaseForRetry(deps, lease, 0)
    const outcome = await doStep(deps, lease, { ...subject, uploaded: uploadedIn(steps, next.attempt) }, next)
    if (outcome === undefined) return "not-ours"
    if (isTemporaryFailure(outcome)) return releaseForRetry(deps, lease, failures(steps) + 1)
  }
}

/**
 * Whether the custodian's own journal has a filing as finished under this number: steps are rows, which anybody with
 * write access to the database could have invented. `undefined` if the custodian does not answer.
 */
async function isFinishedAt(
  custodian: FilingDeps["custodian"],
  grantId: string,
  remoteReportId: string,
): Promise<boolean | undefined> {
  try {
    const { attempts } = await custodian.filing(grantId)
    return attempts.some((one) => one.state === "finished" && one.remoteReportId === remoteReportId)
  } catch (error) {
    return hasCode(error, "not_found") ? false : undefined
  }
}

/** Marker, call, outcome. `undefined` if another worker took the lease. */
async function doStep(
  deps: FilingDeps,
  lease: Lease,
  subject: FilingCall,
  { attempt, step }: Extract<Next, { do: "call" }>,
): Promise<StepOutcome | undefined> {
  const { reportId } = lease
  const ordinal = await transact(deps, ACTOR, async ({ trx, record }) => {
    if (!(await holdLease(trx, lease))) return undefined
    record({ type: `report.${step.call}-started`, subject: reportId, data: { attempt, step: stepKey(step) } })
    return insertMarker(trx, reportId, { attempt, step, startedAt: deps.clock.now() })
  })
  if (ordinal === undefined) return undefined
  const { outcome, answer: given } = await whileRenewing(deps, lease, () =>
    callCustodian(deps.custodian, subject, { attempt, step }),
  )
  return transact(deps, ACTOR, async (tx) => {
    const { trx, record } = tx
    if (!(await holdLease(trx, lease))) return undefined
    const answer = given === undefined ? undefined : await deps.sealAnswer(tx, reportId, given)
    await writeOutcome(trx, reportId, { ordinal, outcome, answer, endedAt: deps.clock.now() })
    record({ type: `report.${step.call}-ended`, subject: reportId, data: { attempt, ...outcome } })
    return outcome
  })
}

/** Ids that the CyberTipline gave to the files of an attempt, in the order of their upload. */
function uploadedIn(steps: readonly FilingStep[], attempt: number): readonly string[] {
  return steps.flatMap(({ attempt: stepAttempt, step, outcome }) =>
    stepAttempt === attempt && step.call === "upload" && outcome?.kind === "accepted" ? (outcome.fileId ?? []) : [],
  )
}

/** Renews the lease during a call: an upload may take longer than the lease. */
async function whileRenewing<Result>(deps: FilingDeps, lease: Lease, work: () => Promise<Result>): Promise<Result> {
  const timer = setInterval(
    // A failed renewal shows at the next write, which names the lease.
    () => void holdLease(deps.db, lease).catch(() => undefined),
    (lease.seconds * 1000) / 4,
  )
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

async function finishOrHold(
  deps: FilingDeps,
  lease: Lease,
  next: Exclude<Next, { do: "call" }>,
): Promise<FilingResult> {
  return transact<FilingResult>(deps, ACTOR, async (tx) => {
    if (!(await holdLease(tx.trx, lease))) return "not-ours"
    if (next.do === "finish") await deps.finishReport(tx, lease.reportId, next.remoteReportId)
    else await deps.holdReport(tx, lease.reportId, next)
    return next.do === "finish" ? "finished" : "held"
  })
}

async function releaseForRetry(deps: FilingDeps, lease: Lease, failed: number): Promise<FilingResult> {
  const seconds = failed === 0 ? 0 : Math.min(MAX_RETRY_SECONDS, deps.retrySeconds * 2 ** Math.min(failed - 1, 20))
  await releaseLease(deps.db, lease, new Date(deps.clock.now().getTime() + seconds * 1000))
  return "later"
}

/** Whether the answer, or its absence, means that an immediate retry would be useless or a burden. */
function isTemporaryFailure(outcome: StepOutcome): boolean {
  if (outcome.kind === "rejected") return outcome.retryable
  return outcome.kind === "unsent" || outcome.kind === "unanswered"
}

/** Number of temporary failures in a row at the end. */
function failures(steps: readonly FilingStep[]): number {
  const lastGood = steps.findLastIndex(({ step, outcome }) => outcome?.kind === "accepted" && step.call !== "abandon")
  return steps.slice(lastGood + 1).filter(({ outcome }) => outcome === undefined || isTemporaryFailure(outcome)).length
}

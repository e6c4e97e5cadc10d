/**
 * Runs jobs: retries only those that may succeed the next time, and leaves the rest to a person.
 * @module
 */
import { NightlightError } from "@nightlight/core"
import type { PoolConfig } from "pg"
import type { JobResult, JobWithMetadata, PgBoss } from "pg-boss"
import type { Logger } from "pino"
import type { JobDefinition } from "./job.ts"
import { FAILED_QUEUE, openConsumer } from "./queue.ts"

/** A failed job that is not retried. */
export interface FailedJob {
  readonly name: string
  /** `job-<uuid>`. */
  readonly jobId: string
  readonly code: string
  readonly tries: number
  /** Its payload: only ids. */
  readonly payload: object
}

/** Dependencies of {@link startWorker}. */
export interface WorkerDeps {
  /** Connects as the application's role. */
  readonly database: PoolConfig
  readonly jobs: readonly JobDefinition[]
  readonly log: Logger
  /** Records a failed job and opens a task for a person; repeated until it succeeds. */
  readonly leaveToPerson: (failed: FailedJob) => Promise<void>
  readonly observe?: (job: string, outcome: JobOutcome, seconds: number) => void
}

/** How a run ended. */
export type JobOutcome = "done" | "retry" | "failed"

/** A running worker. */
export interface Worker {
  /**
   * Accepts no more jobs and waits for the running ones, whose signal is aborted after a grace of 20 seconds; jobs that
   * are still not done go to another worker.
   */
  stop(): Promise<void>
}

const POLL_SECONDS = 0.5
const GRACE_MS = 20_000

/**
 * Starts to run jobs.
 *
 * @throws {DependencyError} `unavailable` if there is no queue.
 */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const boss = await openConsumer(deps.database, deps.log)
  const stopping = new AbortController()
  let takes = true
  const running = { ...deps, signal: stopping.signal, takes: () => takes }
  for (const job of deps.jobs) {
    for (let index = 0; index < (job.concurrency ?? 1); index++) await workOff(boss, job, running)
  }
  await workFailed(boss, deps)
  let stopped: Promise<void> | undefined
  const stop = async () => {
    takes = false
    const grace = setTimeout(() => stopping.abort(new DOMException("the worker stops", "AbortError")), GRACE_MS)
    await boss.stop({ graceful: true, timeout: GRACE_MS + 10_000 })
    clearTimeout(grace)
  }
  return {
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** A worker as its jobs see it. */
interface Running extends WorkerDeps {
  readonly signal: AbortSignal
  /** False once it must stop. */
  readonly takes: () => boolean
}

/** Runs the jobs of one name one after the other, and looks for the next at once, unless it must stop. */
async function workOff(boss: PgBoss, job: JobDefinition, deps: Running): Promise<void> {
  const id: string = await boss.work(
    job.name,
    { ...polling(), perJobResults: true },
    async (batch: JobWithMetadata<object>[]) => {
      const results = await Promise.all(batch.map((row) => runJob(job, row, deps)))
      // The queue does not notify about jobs that arrived while all were busy: they would wait for the next poll.
      if (deps.takes()) boss.notifyWorker(id)
      return results
    },
  )
}

function polling() {
  return {
    includeMetadata: true,
    batchSize: 1,
    pollingIntervalSeconds: POLL_SECONDS,
    notifyPollingIntervalSeconds: POLL_SECONDS * 4,
  } as const
}

async function runJob(
  job: JobDefinition,
  row: JobWithMetadata<object>,
  { log, observe, signal }: WorkerDeps & { readonly signal: AbortSignal },
): Promise<JobResult> {
  const startedAt = performance.now()
  const finish = (outcome: JobOutcome) => {
    const ms = performance.now() - startedAt
    observe?.(job.name, outcome, ms / 1000)
    return { job: job.name, jobId: `job-${row.id}`, attempt: row.retryCount + 1, ms: Math.round(ms) }
  }
  try {
    const payload = job.payload.parse(row.data ?? {})
    await job.run(payload, AbortSignal.any([signal, row.signal]))
    log.info(finish("done"), "job done")
    return { id: row.id, status: "completed" }
  } catch (error) {
    const { code, retryable } = verdictOf(error)
    if (retryable && row.retryCount + 1 < job.tries) {
      log.warn({ ...finish("retry"), code }, "job will be tried again")
      return { id: row.id, status: "failed", output: { code } }
    }
    log.error({ ...finish("failed"), code }, "job failed")
    return { id: row.id, status: "deadletter", output: { code } }
  }
}

/** Only our own code can say that a second try may succeed. A stop is such a case: another worker takes over. */
function verdictOf(error: unknown): { readonly code: string; readonly retryable: boolean } {
  if (error instanceof NightlightError) return { code: error.code, retryable: error.retryable }
  if (error instanceof Error && error.name === "AbortError") return { code: "stopped", retryable: true }
  return { code: "internal", retryable: false }
}

async function workFailed(boss: PgBoss, { leaveToPerson, log }: WorkerDeps): Promise<void> {
  await boss.work(FAILED_QUEUE, { ...polling(), perJobResults: true }, async ([row]: JobWithMetadata<object>[]) => {
    if (row === undefined) return []
    const failed: FailedJob = {
      name: row.sourceName ?? "unknown",
      jobId: `job-${row.sourceId ?? row.id}`,
      code: codeIn(row.sourceOutput),
      tries: (row.sourceRetryCount ?? 0) + 1,
      payload: row.data,
    }
    try {
      await leaveToPerson(failed)
      log.warn({ job: failed.name, jobId: failed.jobId, code: failed.code }, "job left to a person")
      return [{ id: row.id, status: "completed" as const }]
    } catch (error) {
      log.error({ job: failed.name, jobId: failed.jobId, code: verdictOf(error).code }, "job failed")
      return [{ id: row.id, status: "failed" as const, output: {} }]
    }
  })
}

/** A run that ended with its worker has no code. */
function codeIn(output: object | null): string {
  const { code } = (output ?? {}) as { readonly code?: unknown }
  return typeof code === "string" && /^[a-z_]{1,40}$/.test(code) ? code : "worker_lost"
}

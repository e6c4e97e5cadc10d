/**
 * Jobs, independent of the queue that runs them. A job file exports one definition; only `registry.ts` knows the queue.
 * @module
 */
import type { Transaction } from "kysely"
import { z } from "zod"
import type { Tables } from "../db/tables.ts"

/** Definition of one kind of job. */
export interface JobDefinition<Payload = unknown> {
  /** Name of the queue, such as `file-report`. */
  readonly name: string
  /** Ids only: a job's row outlives what it is about. */
  readonly payload: z.ZodType<Payload>
  /** Tries before the job is left to a person; retried only if the error is `retryable`. */
  readonly tries: number
  /** Wait before the second try, seconds; doubled each time. */
  readonly retryDelaySeconds: number
  /** Longest run before another worker may take the job over, seconds. */
  readonly expireSeconds: number
  /** How many of them one worker runs at once; 1 by default. */
  readonly concurrency?: number
  /** Cron expression (UTC) of a scheduled job, which has an empty payload. */
  readonly schedule?: string
  /** Runs it. Must be safe to run twice: the queue may deliver a job again after a crash. */
  run(payload: Payload, signal: AbortSignal): Promise<void>
}

/** Options of a queued job. */
export interface EnqueueOptions {
  /** Not before this time. */
  readonly startAfter?: Date
  /** At most one waiting job of this name and key. */
  readonly singletonKey?: string
}

/** The queue in the service's own database, without its workers. */
export interface Jobs {
  /** Queues a job in the caller's transaction: it exists if and only if the transaction commits. */
  enqueue(trx: Transaction<Tables>, name: string, payload: object, options?: EnqueueOptions): Promise<void>
}

/** A job that comes round each minute, so that a run which fails is left to the next one. */
export function everyMinute(
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
  { expireSeconds = 60 }: { readonly expireSeconds?: number } = {},
): JobDefinition<Record<string, never>> {
  return {
    name,
    payload: z.strictObject({}),
    tries: 1,
    retryDelaySeconds: 1,
    expireSeconds,
    schedule: "* * * * *",
    run: (_payload, signal) => run(signal),
  }
}

/**
 * What a job is, apart from the queue that runs it. A job file exports one definition; `registry.ts` is the only file
 * that knows the queue.
 * @module
 */
import type { Transaction } from "kysely"
import type { z } from "zod"
import type { Tables } from "../db/tables.ts"

/** One kind of job. */
export interface JobDefinition<Payload = unknown> {
  /** Name of the queue, such as `file-report`. */
  readonly name: string
  /** Ids only: a job's row outlives what it is about. */
  readonly payload: z.ZodType<Payload>
  /** Tries before the job is left to a person; retried only where the error says `retryable`. */
  readonly tries: number
  /** Wait before the second try, seconds; doubled each time. */
  readonly retryDelaySeconds: number
  /** Longest a run may take before another worker may take the job over, seconds. */
  readonly expireSeconds: number
  /** How many of it one worker runs at once; 1 unless given. */
  readonly concurrency?: number
  /** Cron expression (UTC) of a job that comes round by itself, with an empty payload. */
  readonly schedule?: string
  /** Does it. Safe to run twice: the queue may deliver a job again after a crash. */
  run(payload: Payload, signal: AbortSignal): Promise<void>
}

/** When and how a job is queued. */
export interface EnqueueOptions {
  /** Not before this time. */
  readonly startAfter?: Date
  /** At most one waiting job of this name and key. */
  readonly singletonKey?: string
}

/** Queues jobs. */
export interface Jobs {
  /** Queues a job in the caller's transaction: it is there if and only if the transaction commits. */
  enqueue(trx: Transaction<Tables>, name: string, payload: object, options?: EnqueueOptions): Promise<void>
}

import { join } from "node:path"
import { type Clock, compact, RequestError, type Signer } from "@nightlight/core"
import { ensureDirPrivate, withLock } from "@nightlight/durable"
import { appendEvents } from "./append.ts"
import {
  appendCheckpoints,
  type CheckpointEnd,
  checkpointsPath,
  copyCheckpoints,
  readCheckpointEnd,
  toCheckpointLine,
} from "./checkpoint.ts"
import { type AuditEvent, type AuditInput, assertInput, chain, REPAIRED, sha256 } from "./event.ts"
import { broken, readTail, type Tail } from "./segments.ts"

/** How a log is opened. */
export interface AuditLogOptions {
  /** Signs checkpoints; a function, if the key may be rotated meanwhile, opens the present one for each. */
  readonly signer: Signer | (() => Promise<Signer>)
  readonly clock: Clock
  /** A checkpoint is signed after this many events, and at the end; 256 by default. */
  readonly checkpointEvery?: number
  /**
   * File to which every checkpoint is copied, ideally where writers of the log have no access. Its folder must exist.
   */
  readonly checkpointCopy?: string
  /** A segment of this many bytes or more is followed by a new one; 16 MiB by default. */
  readonly segmentBytes?: number
  /** How long an append waits for another process. */
  readonly lockTimeoutMs?: number
}

/** An open audit log. Any number of processes may have it open and append, one after another. */
export interface AuditLog extends AsyncDisposable {
  /**
   * Appends an event: when this returns, it is on disk. Calls made at once are written together, in order.
   *
   * @throws {RequestError} `input_invalid` if the event contains more than ids, codes and counts; `state_conflict` if
   *   the log was closed.
   * @throws {IntegrityError} `audit_chain_broken` if the end of the log was altered.
   * @throws {DependencyError} `disk_full`, `write_failed`, `locked`: then the event is not in the log.
   */
  append(input: AuditInput): Promise<AuditEvent>
  /** Appends several events together, in order, all or none; as {@link append}. */
  appendAll(inputs: readonly AuditInput[]): Promise<readonly AuditEvent[]>
  /**
   * Signs a checkpoint of all events, including those of other processes, unless the last one covers them, and brings
   * the copy up to date.
   *
   * @throws {DependencyError} `disk_full`, `write_failed`, `locked`.
   */
  checkpoint(): Promise<void>
  /** Waits for pending {@link append} calls and signs a checkpoint. Throws as {@link checkpoint}. */
  close(): Promise<void>
}

const CHECKPOINT_EVERY = 256
const SEGMENT_BYTES = 16 * 1024 * 1024
const SELF = "audit-log"

/**
 * Opens an audit log, made (0700) if missing. A `log.repaired` event reports what a killed process left half-written.
 *
 * @throws {IntegrityError} `audit_chain_broken` if the end of the log was altered, or it ends before one of its
 *   checkpoints or their copy.
 * @throws {RequestError} `config_invalid` if the folder is open to other users.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`, `locked`.
 */
export async function openAuditLog(dir: string, options: AuditLogOptions): Promise<AuditLog> {
  await ensureDirPrivate(dir)
  const log = new FileAuditLog(dir, options)
  await log.repair()
  return log
}

interface Waiting {
  readonly inputs: readonly AuditInput[]
  readonly resolve: (events: readonly AuditEvent[]) => void
  readonly reject: (error: unknown) => void
}

class FileAuditLog implements AuditLog {
  readonly #dir: string
  readonly #options: AuditLogOptions
  /** Calls that the next write includes. */
  #queue: Waiting[] = []
  /** Runs while the queue is not empty. */
  #flushing: Promise<void> | undefined
  #closing: Promise<void> | undefined
  /** Seq of the last checkpoint that this process knows; another process may have signed a later one. */
  #checkpointSeq = 0

  constructor(dir: string, options: AuditLogOptions) {
    this.#dir = dir
    this.#options = options
  }

  async append(input: AuditInput): Promise<AuditEvent> {
    const [event] = await this.appendAll([input])
    if (event === undefined) throw broken("an event was lost")
    return event
  }

  async appendAll(inputs: readonly AuditInput[]): Promise<readonly AuditEvent[]> {
    for (const input of inputs) assertInput(input)
    if (this.#closing !== undefined) throw new RequestError("state_conflict", "the audit log was closed")
    if (inputs.length === 0) return []
    return new Promise((resolve, reject) => {
      this.#queue.push({ inputs, resolve, reject })
      this.#flushing ??= this.#flush()
    })
  }

  checkpoint(): Promise<void> {
    return this.#locked(async () => this.#checkpoint(await readTail(this.#dir)))
  }

  close(): Promise<void> {
    // The first caller of close gets its error; all others wait until it is over.
    if (this.#closing !== undefined) return this.#closing.catch(() => undefined)
    this.#closing = this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    await this.#flushing
    await this.checkpoint()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Compares the log's end with its checkpoints and reports what was left half-written. */
  repair(): Promise<void> {
    const { checkpointCopy } = this.#options
    return this.#locked(async () => {
      const tail = await readTail(this.#dir)
      const own = await readCheckpointEnd(checkpointsPath(this.#dir))
      const copy = checkpointCopy === undefined ? undefined : await readCheckpointEnd(checkpointCopy)
      assertNotBehind(tail, own)
      if (copy !== undefined) assertNotBehind(tail, copy)
      this.#checkpointSeq = own.lastSeq
      const repairs = [
        ...tornInputs("events", tail.torn),
        ...tornInputs("checkpoints", own.torn),
        ...tornInputs("checkpoint-copy", copy?.torn),
      ]
      if (repairs.length === 0) return
      const after = await this.#write(tail, repairs)
      await this.#checkpoint(after)
    })
  }

  async #flush(): Promise<void> {
    // Lets the callers of this turn queue up, so that one sync serves them all.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      try {
        const events = await this.#locked(() => this.#commit(batch.flatMap((call) => call.inputs)))
        let offset = 0
        for (const { inputs, resolve } of batch) {
          resolve(events.slice(offset, offset + inputs.length))
          offset += inputs.length
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    // In the same turn as the check of the queue: a caller that was just answered may fill it again.
    this.#flushing = undefined
  }

  async #commit(inputs: readonly AuditInput[]): Promise<readonly AuditEvent[]> {
    const tail = await readTail(this.#dir)
    const repairs = tornInputs("events", tail.torn)
    const after = await this.#write(tail, [...repairs, ...inputs])
    if (after.seq - this.#checkpointSeq >= (this.#options.checkpointEvery ?? CHECKPOINT_EVERY)) {
      // The events are on disk: a failed checkpoint must not make their caller repeat them. It stays due, and close()
      // throws if it still fails then.
      await this.#checkpoint(after).catch(() => undefined)
    }
    return after.events.slice(repairs.length)
  }

  async #write(
    tail: Tail,
    inputs: readonly AuditInput[],
  ): Promise<{ readonly seq: number; readonly hash: string; readonly events: readonly AuditEvent[] }> {
    const at = this.#options.clock.now().toISOString()
    const events: AuditEvent[] = []
    for (const input of inputs) events.push(chain(input, at, events.at(-1) ?? tail))
    await appendEvents(this.#dir, tail, events, this.#options.segmentBytes ?? SEGMENT_BYTES)
    const { seq, hash } = events.at(-1) ?? tail
    return { seq, hash, events }
  }

  /** Signs the end of the log, if it is not signed yet, and copies what the copy lacks. */
  async #checkpoint({ seq, hash }: { readonly seq: number; readonly hash: string }): Promise<void> {
    const { signer, clock, checkpointCopy } = this.#options
    const own = checkpointsPath(this.#dir)
    const previousSeq = (await readCheckpointEnd(own)).lastSeq
    const line = toCheckpointLine({ seq, hash, at: clock.now().toISOString() }, await opened(signer))
    const isNew = seq > previousSeq
    if (isNew) await appendCheckpoints(own, [line])
    if (checkpointCopy !== undefined) {
      await copyCheckpoints(
        own,
        checkpointCopy,
        isNew ? { line, previous: { seq: previousSeq, restarts: 0 } } : undefined,
      )
    }
    this.#checkpointSeq = seq
  }

  #locked<T>(action: () => Promise<T>): Promise<T> {
    const { lockTimeoutMs } = this.#options
    const options = compact({ timeoutMs: lockTimeoutMs })
    return withLock(join(this.#dir, ".lock"), action, options)
  }
}

function opened(signer: AuditLogOptions["signer"]): Promise<Signer> | Signer {
  return typeof signer === "function" ? signer() : signer
}

function assertNotBehind(tail: Tail, { lastSeq, lastHash }: CheckpointEnd): void {
  if (lastSeq > tail.seq) throw broken("it ends before a checkpoint that was signed of it")
  if (lastSeq === tail.seq && lastSeq > 0 && lastHash !== tail.hash) throw broken("its last event was altered")
}

function tornInputs(part: string, torn: Buffer | undefined): readonly AuditInput[] {
  if (torn === undefined || torn.length === 0) return []
  const data = { part, droppedBytes: torn.length, droppedSha256: sha256(torn) }
  return [{ type: REPAIRED, actor: SELF, data }]
}

/**
 * The custodian's own journal: what it did and refused, and the only source of what has been done. Books are read from
 * it at the start and follow it.
 * @module
 */

import { compact, IntegrityError, type Signer, type Verifier } from "@nightlight/core"
import { exists } from "@nightlight/durable"
import {
  type AuditData,
  type AuditEvent,
  type AuditInput,
  openAuditLog,
  readAuditEvents,
  readCheckpoints,
  verifyAuditLog,
} from "@nightlight/vault/audit"
import { createOwnClock, type OwnClock, type TimeSources } from "../own-clock.ts"
import { createSeal, type Seal } from "./seal.ts"
import { createSerial } from "./serial.ts"

/** A projection of the journal, and of nothing else. */
export interface Book {
  /** Takes the next event; every event once, in order. */
  apply(event: AuditEvent): void
}

/** The open journal. */
export interface Journal extends AsyncDisposable {
  readonly clock: OwnClock
  /** Number of the last event. */
  readonly seq: number
  /** Authenticates events; opened with the custodian's key. */
  readonly seal: Seal
  /**
   * Appends an event; when this returns, it is on disk and in the books.
   *
   * @throws {RequestError} `state_conflict` (`locked`) if it gives somebody power while the custodian is locked.
   * @throws as vault's `AuditLog.append`.
   */
  record(type: string, actor: string, data?: AuditData): Promise<AuditEvent>
  /**
   * Appends several, in order. A process that is killed may leave only the first of them: the last one makes them
   * count.
   */
  recordAll(inputs: readonly AuditInput[]): Promise<readonly AuditEvent[]>
}

/** Options of {@link openJournal}. */
export interface JournalOptions {
  readonly signer: Signer
  readonly verifier: Verifier
  readonly time: TimeSources
  /** File that its checkpoints are copied to. */
  readonly copy: string | null
  readonly books: readonly Book[]
}

/**
 * Opens the journal, checks all of it, and fills the books.
 *
 * @throws {IntegrityError} `audit_chain_broken` if it was altered, or ends before one of its checkpoints or their copy.
 * @throws {DependencyError} as vault's `openAuditLog`.
 */
export async function openJournal(dir: string, options: JournalOptions): Promise<Journal> {
  const { signer, verifier, copy, books } = options
  await assertUnaltered(dir, verifier, copy)
  let last: AuditEvent | undefined
  const seal = createSeal()
  const take = (event: AuditEvent): void => {
    last = event
    const plain = seal.follow(event)
    for (const book of books) book.apply(plain)
  }
  if (await exists(dir)) for await (const event of readAuditEvents(dir)) take(event)
  const clock = createOwnClock(options.time, last === undefined ? undefined : new Date(last.at))
  /** Time of the events that are being appended: their MACs are computed with it in advance. */
  let pinned: Date | undefined
  const log = await openAuditLog(
    dir,
    compact({
      signer,
      clock: { now: () => pinned ?? clock.now() },
      checkpointEvery: 64,
      checkpointCopy: copy === null ? undefined : copy,
    }),
  )

  /** Alarms that could not be written: they are recorded before the next event. */
  let unrecordedAlarms: readonly AuditInput[] = []
  const serial = createSerial()
  const recordAll = (inputs: readonly AuditInput[]): Promise<readonly AuditEvent[]> => serial.run(() => append(inputs))
  const append = async (inputs: readonly AuditInput[]): Promise<readonly AuditEvent[]> => {
    const at = clock.now()
    const noticed = clock
      .takeAlarms()
      .map(({ kind, seconds }) => ({ type: "clock.alarm", actor: SELF, data: { kind, seconds } }))
    const alarms = [...unrecordedAlarms, ...noticed]
    unrecordedAlarms = []
    pinned = at
    const events = await appendSealed([...alarms, ...inputs], at.toISOString()).catch((error: unknown) => {
      unrecordedAlarms = [...alarms, ...unrecordedAlarms]
      throw error
    })
    for (const event of events) take(event)
    return events.slice(alarms.length)
  }

  const appendSealed = async (inputs: readonly AuditInput[], at: string): Promise<readonly AuditEvent[]> => {
    try {
      return await log.appendAll(seal.sealAll(inputs, at))
    } finally {
      pinned = undefined
    }
  }

  return {
    clock,
    seal,
    get seq() {
      return last?.seq ?? 0
    },
    recordAll,
    async record(type, actor, data = {}) {
      const [event] = await recordAll([{ type, actor, data }])
      if (event === undefined) throw new IntegrityError("audit_chain_broken", "an event of the journal was lost")
      return event
    },
    [Symbol.asyncDispose]: () => log.close(),
  }
}

/** Actor of what the custodian does on its own. */
export const SELF = "custodian"

async function assertUnaltered(dir: string, verifier: Verifier, copy: string | null): Promise<void> {
  if (!(await exists(dir))) return
  const checkpoints = copy === null ? [] : (await readCheckpoints(copy, verifier)).checkpoints
  const { problem } = await verifyAuditLog(dir, verifier, { checkpoints })
  // The next process that opens the log reports what a killed process left half-written.
  if (problem === undefined || problem.code === "tail_torn") return
  throw new IntegrityError("audit_chain_broken", "the custodian's journal was altered", {
    details: { problem: problem.code, seq: problem.seq },
  })
}

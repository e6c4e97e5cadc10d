/**
 * Goes along a log, event by event, and says where it first differs from what was appended.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Checkpoint } from "./checkpoint.ts"
import { type AuditEvent, GENESIS, parseLine, REPAIRED } from "./event.ts"

/** What can be wrong with a log. */
export type AuditProblemCode =
  /** A line is no event. */
  | "event_malformed"
  /** An event's hash is not that of its members. */
  | "event_edited"
  /** An event stands where another was due: removed, repeated or moved. */
  | "event_out_of_order"
  /** An event does not follow from the one before it: one of those up to it was changed and its hash with it. */
  | "chain_broken"
  /** The events are not those that a checkpoint was signed of, though their chain holds: rewritten, or another log. */
  | "checkpoint_differs"
  /** The log ends before an event that a checkpoint was signed of: cut off, or restored from an earlier copy. */
  | "log_truncated"
  /** A line among the checkpoints is not what the key signed. */
  | "checkpoint_untrusted"
  /** A row of a database's log was written by somebody without the service's key. */
  | "event_unsealed"
  /** The last line was never finished: the next process that opens the log says so in an event. */
  | "tail_torn"

/** The first thing wrong with a log. */
export interface AuditProblem {
  readonly code: AuditProblemCode
  /** First event that differs, as far as can be told; of `checkpoint_untrusted` 0. */
  readonly seq: number
  /** Last event it may be, where the checkpoints only say between which two of them it is; else equal to `seq`. */
  readonly throughSeq: number
  /** Line of the checkpoint file, from 1. */
  readonly line?: number
}

/** What a walk along a log can say, and what it cannot. */
export interface AuditVerification {
  readonly ok: boolean
  readonly problem?: AuditProblem
  /** How many events were read and follow from each other, up to the problem if there is one. */
  readonly events: number
  /** Events that say what a killed process left. */
  readonly repairs: readonly number[]
  /**
   * No one without the signing key changed any event up to this one: the latest checkpoint, of the log or given, that
   * agrees. 0 if there is none.
   */
  readonly unchangedThroughSeq: number
  /** When that checkpoint was signed, by the signer's clock, ISO 8601; absent if there is none. */
  readonly unchangedSince?: string
  /**
   * No one cut off or replaced any event up to this one: the latest given checkpoint that agrees. 0 if none was given:
   * whoever can write the log can cut its end together with its own checkpoints.
   */
  readonly presentThroughSeq: number
  /** Events behind the last checkpoint: of these it cannot tell. Absent if there are none. */
  readonly unattested?: { readonly fromSeq: number; readonly throughSeq: number }
  /** In their order. Absent if there was none. */
  readonly restarts?: readonly SeenRestart[]
}

/**
 * A restart of checkpoints, and what none of them can speak for: what the events behind `agreesThroughSeq`, up to
 * `startSeq`, were before it.
 */
export interface SeenRestart {
  /** How many there had been with it. */
  readonly number: number
  readonly at: string
  readonly person: string
  /** A code. */
  readonly reason: string
  /** The last event that was signed before. */
  readonly beforeSeq: number
  /** The event that checkpoints went on from. */
  readonly startSeq: number
  /** The last event that a checkpoint signed before it agrees with, among those known here. */
  readonly agreesThroughSeq: number
}

/** A walk along a log with its checkpoints in hand. It ends at the first problem, or with {@link AuditWalk.end}. */
export class AuditWalk {
  /** Of the last event that follows from those before it. */
  seq = 0
  #hash = GENESIS
  #repairs: number[] = []
  #unchangedThroughSeq = 0
  #presentThroughSeq = 0
  #unchangedSince: string | undefined
  readonly #expected: ReadonlyMap<number, readonly Expected[]>
  readonly #lastExpected: number
  readonly #restarts: readonly Checkpoint[]
  /** By number of restarts: the last event that a checkpoint of that many agrees with. */
  readonly #agrees = new Map<number, number>()

  /**
   * @param own - The log's own checkpoints, each checked with the signing key.
   * @param given - Those that were kept elsewhere, likewise.
   */
  constructor(own: readonly Checkpoint[], given: readonly Checkpoint[]) {
    const restarts = new Map<string, Checkpoint>()
    for (const checkpoint of [...own, ...given]) {
      if (checkpoint.restart !== undefined) restarts.set(checkpoint.signature, checkpoint)
    }
    this.#restarts = [...restarts.values()].toSorted((a, b) => a.restarts - b.restarts || a.seq - b.seq)
    const latest = this.#restarts.at(-1)?.restarts ?? 0
    const expected = new Map<number, Expected[]>()
    const add = (checkpoint: Checkpoint, external: boolean): void => {
      const { seq, hash, at: signedAt, restarts: number } = checkpoint
      const entry = { hash, external, signedAt, number, binds: number >= latest }
      expected.set(seq, [...(expected.get(seq) ?? []), entry])
    }
    for (const checkpoint of own) add(checkpoint, false)
    for (const checkpoint of given) add(checkpoint, true)
    this.#expected = expected
    this.#lastExpected = [...own, ...given].reduce(
      (last, { seq, restarts: number }) => (number >= latest ? Math.max(last, seq) : last),
      0,
    )
  }

  /** A new file of events begins. */
  segment(firstSeq: number): AuditProblem | undefined {
    return firstSeq === this.seq + 1 ? undefined : at("event_out_of_order", this.seq + 1)
  }

  /** A line that was never finished. */
  torn(): AuditProblem {
    return at("tail_torn", this.seq + 1)
  }

  /** The next line, without its newline. */
  line(bytes: Buffer): AuditProblem | undefined {
    const parsed = parseLine(bytes)
    const due = this.seq + 1
    if (parsed.kind === "malformed") return at("event_malformed", due)
    if (parsed.kind === "edited") return at("event_edited", due)
    return this.#event(parsed.event, due)
  }

  #event(event: AuditEvent, due: number): AuditProblem | undefined {
    if (event.seq !== due) return at("event_out_of_order", due)
    if (event.prev !== this.#hash) return { code: "chain_broken", seq: this.#unchangedThroughSeq + 1, throughSeq: due }
    const expected = this.#expected.get(due) ?? []
    if (expected.some(({ hash, binds }) => binds && hash !== event.hash)) {
      return { code: "checkpoint_differs", seq: this.#unchangedThroughSeq + 1, throughSeq: due }
    }
    this.seq = due
    this.#hash = event.hash
    if (event.type === REPAIRED) this.#repairs.push(due)
    // What was signed before a restart binds nobody; where it agrees, it speaks all the same.
    const agreeing = expected.filter(({ hash }) => hash === event.hash)
    for (const { number } of agreeing) this.#agrees.set(number, due)
    if (agreeing.length > 0) {
      this.#unchangedThroughSeq = due
      this.#unchangedSince = agreeing.map(({ signedAt }) => signedAt).toSorted()[0]
    }
    if (agreeing.some(({ external }) => external)) this.#presentThroughSeq = due
    return undefined
  }

  /** No line follows. */
  end(): AuditProblem | undefined {
    if (this.#lastExpected <= this.seq) return undefined
    return { code: "log_truncated", seq: this.seq + 1, throughSeq: this.#lastExpected }
  }

  /** What can be said after the walk. */
  result(problem: AuditProblem | undefined): AuditVerification {
    const rest = { fromSeq: this.#unchangedThroughSeq + 1, throughSeq: this.seq }
    return compact({
      ok: problem === undefined,
      problem,
      events: this.seq,
      repairs: this.#repairs,
      unchangedThroughSeq: this.#unchangedThroughSeq,
      unchangedSince: this.#unchangedSince,
      presentThroughSeq: this.#presentThroughSeq,
      unattested: rest.fromSeq > rest.throughSeq ? undefined : rest,
      restarts: this.#restarts.length === 0 ? undefined : this.#restarts.flatMap((line) => this.#toSeen(line)),
    })
  }

  #toSeen({ restarts: number, at: signedAt, seq: startSeq, restart }: Checkpoint): readonly SeenRestart[] {
    if (restart === undefined) return []
    const earlier = [...this.#agrees].flatMap(([of, seq]) => (of < number ? [seq] : []))
    const { person, reason, before } = restart
    return [
      {
        number,
        at: signedAt,
        person,
        reason,
        beforeSeq: before.seq,
        startSeq,
        agreesThroughSeq: Math.max(0, ...earlier),
      },
    ]
  }
}

interface Expected {
  readonly hash: string
  readonly external: boolean
  readonly signedAt: string
  /** Restarts before it. */
  readonly number: number
  /** Whether the log must agree with it: it was signed after the latest restart, or is that. */
  readonly binds: boolean
}

/** A problem at one event. */
export function at(code: AuditProblemCode, seq: number): AuditProblem {
  return { code, seq, throughSeq: seq }
}

/**
 * Reads a log event by event and reports where it first differs from what was appended.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Checkpoint } from "./checkpoint.ts"
import { type AuditEvent, GENESIS, parseLine, REPAIRED } from "./event.ts"

/** Problems of a log. */
export type AuditProblemCode =
  /** A line is not an event. */
  | "event_malformed"
  /** An event's hash does not match its members. */
  | "event_edited"
  /** An event is at the position of another: removed, repeated or moved. */
  | "event_out_of_order"
  /** An event does not follow the one before it: an event up to it was changed together with its hash. */
  | "chain_broken"
  /**
   * The events differ from those that a checkpoint was signed for, though their chain is intact: rewritten, or another
   * log.
   */
  | "checkpoint_differs"
  /** The log ends before an event that a checkpoint was signed for: cut off, or restored from an earlier copy. */
  | "log_truncated"
  /** A line among the checkpoints is not signed by the key. */
  | "checkpoint_untrusted"
  /** A row of a database's log was written by somebody without the server's key. */
  | "event_unsealed"
  /** The last line is unfinished: the next process that opens the log reports it in an event. */
  | "tail_torn"

/** The first problem of a log. */
export interface AuditProblem {
  readonly code: AuditProblemCode
  /** First event that differs, as far as known; 0 for `checkpoint_untrusted`. */
  readonly seq: number
  /** Last event that it may be, if the checkpoints only narrow it down to a range; else equal to `seq`. */
  readonly throughSeq: number
  /** Line of the checkpoint file, from 1. */
  readonly line?: number
}

/** The result of reading a log, with its limits. */
export interface AuditVerification {
  readonly ok: boolean
  readonly problem?: AuditProblem
  /** Number of events that were read and follow each other, up to the problem if there is one. */
  readonly events: number
  /** Events that report what a killed process left. */
  readonly repairs: readonly number[]
  /**
   * Nobody without the signing key changed any event up to this one: the latest checkpoint, of the log or given, that
   * agrees. 0 if there is none.
   */
  readonly unchangedThroughSeq: number
  /** When that checkpoint was signed, by the signer's clock, ISO 8601; absent if there is none. */
  readonly unchangedSince?: string
  /**
   * Nobody cut off or replaced any event up to this one: the latest given checkpoint that agrees. 0 if none was given:
   * somebody who can write the log can cut its end together with its own checkpoints.
   */
  readonly presentThroughSeq: number
  /** Events after the last checkpoint, about which nothing is attested. Absent if there are none. */
  readonly unattested?: { readonly fromSeq: number; readonly throughSeq: number }
  /** In order. Absent if there were none. */
  readonly restarts?: readonly LoggedRestart[]
}

/**
 * A restart of checkpoints. No checkpoint attests what the events after `agreesThroughSeq`, up to `startSeq`, were
 * before it.
 */
export interface LoggedRestart {
  /** Number of restarts, including it. */
  readonly number: number
  readonly at: string
  readonly person: string
  /** A code. */
  readonly reason: string
  /** The last event that was signed before. */
  readonly beforeSeq: number
  /** The event from which checkpoints continued. */
  readonly startSeq: number
  /** The last event for which an earlier checkpoint, among those known here, agrees with the log. */
  readonly agreesThroughSeq: number
}

/** Reads a log with its checkpoints. It ends at the first problem, or with {@link AuditWalk.end}. */
export class AuditWalk {
  /** Seq of the last event that follows those before it. */
  seq = 0
  #hash = GENESIS
  #repairs: number[] = []
  #unchangedThroughSeq = 0
  #presentThroughSeq = 0
  #unchangedSince: string | undefined
  readonly #expected: ReadonlyMap<number, readonly Expected[]>
  readonly #lastExpected: number
  readonly #restarts: readonly Checkpoint[]
  /** By number of restarts: the last event that a checkpoint with that number agrees with. */
  readonly #agrees = new Map<number, number>()

  /**
   * @param own - The log's own checkpoints, each checked with the signing key.
   * @param given - Those that were stored elsewhere, checked in the same way.
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
      const { seq, hash, at: signedAt, restarts: restartCount } = checkpoint
      const entry = { hash, external, signedAt, restartCount, binds: restartCount >= latest }
      expected.set(seq, [...(expected.get(seq) ?? []), entry])
    }
    for (const checkpoint of own) add(checkpoint, false)
    for (const checkpoint of given) add(checkpoint, true)
    this.#expected = expected
    this.#lastExpected = [...own, ...given].reduce(
      (last, { seq, restarts: restartCount }) => (restartCount >= latest ? Math.max(last, seq) : last),
      0,
    )
  }

  /** Begins a new file of events. */
  segment(firstSeq: number): AuditProblem | undefined {
    return firstSeq === this.seq + 1 ? undefined : problemAt("event_out_of_order", this.seq + 1)
  }

  /** Reports an unfinished line. */
  torn(): AuditProblem {
    return problemAt("tail_torn", this.seq + 1)
  }

  /** Takes the next line, without its newline. */
  line(bytes: Buffer): AuditProblem | undefined {
    const parsed = parseLine(bytes)
    const due = this.seq + 1
    if (parsed.kind === "malformed") return problemAt("event_malformed", due)
    if (parsed.kind === "edited") return problemAt("event_edited", due)
    return this.#event(parsed.event, due)
  }

  #event(event: AuditEvent, due: number): AuditProblem | undefined {
    if (event.seq !== due) return problemAt("event_out_of_order", due)
    if (event.prev !== this.#hash) return { code: "chain_broken", seq: this.#unchangedThroughSeq + 1, throughSeq: due }
    const expected = this.#expected.get(due) ?? []
    if (expected.some(({ hash, binds }) => binds && hash !== event.hash)) {
      return { code: "checkpoint_differs", seq: this.#unchangedThroughSeq + 1, throughSeq: due }
    }
    this.seq = due
    this.#hash = event.hash
    if (event.type === REPAIRED) this.#repairs.push(due)
    // Checkpoints before a restart need not agree with the log, but count where they do.
    const agreeing = expected.filter(({ hash }) => hash === event.hash)
    for (const { restartCount } of agreeing) this.#agrees.set(restartCount, due)
    if (agreeing.length > 0) {
      this.#unchangedThroughSeq = due
      this.#unchangedSince = agreeing.map(({ signedAt }) => signedAt).toSorted()[0]
    }
    if (agreeing.some(({ external }) => external)) this.#presentThroughSeq = due
    return undefined
  }

  /** Ends the log. */
  end(): AuditProblem | undefined {
    if (this.#lastExpected <= this.seq) return undefined
    return { code: "log_truncated", seq: this.seq + 1, throughSeq: this.#lastExpected }
  }

  /** The result. */
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

  #toSeen({ restarts: restartCount, at: signedAt, seq: startSeq, restart }: Checkpoint): readonly LoggedRestart[] {
    if (restart === undefined) return []
    const earlier = [...this.#agrees].flatMap(([agreedCount, seq]) => (agreedCount < restartCount ? [seq] : []))
    const { person, reason, before } = restart
    return [
      {
        number: restartCount,
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
  /** Number of restarts before it. */
  readonly restartCount: number
  /** Whether the log must agree with it: it was signed after the latest restart, or is the restart. */
  readonly binds: boolean
}

/** A problem at one event. */
export function problemAt(code: AuditProblemCode, seq: number): AuditProblem {
  return { code, seq, throughSeq: seq }
}

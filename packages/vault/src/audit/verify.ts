import { access } from "node:fs/promises"
import { RequestError, type Verifier } from "@nightlight/core"
import { type Checkpoint, checkpointsPath, readCheckpoints } from "./checkpoint.ts"
import { type AuditEvent, GENESIS, parseLine, REPAIRED } from "./event.ts"
import { readLines } from "./lines.ts"
import { listSegments } from "./segments.ts"

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

/** What {@link verifyAuditLog} can say, and what it cannot. */
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
  /**
   * No one cut off or replaced any event up to this one: the latest given checkpoint that agrees. 0 if none was given:
   * whoever can write the log can cut its end together with its own checkpoints.
   */
  readonly presentThroughSeq: number
  /** Events behind the last checkpoint: of these it cannot tell. Absent if there are none. */
  readonly unattested?: { readonly fromSeq: number; readonly throughSeq: number }
}

/** What {@link verifyAuditLog} compares a log with besides its own checkpoints. */
export interface VerifyAuditOptions {
  /** Checkpoints kept elsewhere, in any order: from `readCheckpoints` of the copy, or `parseCheckpoint`. */
  readonly checkpoints?: readonly Checkpoint[]
  readonly signal?: AbortSignal
}

/**
 * Reads a whole log and says where it first differs from what was appended, and what it cannot speak for. Writes nothing.
 *
 * @throws {RequestError} `not_found` if there is no such folder: an empty log would be a clean one.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function verifyAuditLog(
  dir: string,
  verifier: Verifier,
  { checkpoints: given = [], signal }: VerifyAuditOptions = {},
): Promise<AuditVerification> {
  await access(dir).catch(() => {
    throw new RequestError("not_found", "there is no audit log here")
  })
  const own = await readCheckpoints(checkpointsPath(dir), verifier)
  const walk = new Walk(own.checkpoints, given)
  const [badLine] = own.untrustedLines
  let problem: AuditProblem | undefined
  for (const { path, firstSeq } of await listSegments(dir)) {
    problem = walk.segment(firstSeq)
    if (problem !== undefined) break
    for await (const { bytes, torn } of readLines(path)) {
      signal?.throwIfAborted()
      problem = torn ? walk.torn() : walk.line(bytes)
      if (problem !== undefined) break
    }
    if (problem !== undefined) break
  }
  // A torn tail is the least of what may be wrong: cut-off events that a checkpoint names come first.
  if (problem === undefined || problem.code === "tail_torn") problem = walk.end() ?? problem
  if (problem === undefined && badLine !== undefined) {
    problem = { code: "checkpoint_untrusted", seq: 0, throughSeq: 0, line: badLine }
  }
  if (problem === undefined && own.tornBytes > 0) problem = at("tail_torn", walk.seq + 1)
  return walk.result(problem)
}

/** Goes along a log, event by event, with the checkpoints in hand. */
class Walk {
  seq = 0
  #hash = GENESIS
  #repairs: number[] = []
  #unchangedThroughSeq = 0
  #presentThroughSeq = 0
  readonly #expected: ReadonlyMap<number, readonly Expected[]>
  readonly #lastExpected: number

  constructor(own: readonly Checkpoint[], given: readonly Checkpoint[]) {
    const expected = new Map<number, Expected[]>()
    const add = ({ seq, hash }: Checkpoint, external: boolean): void => {
      expected.set(seq, [...(expected.get(seq) ?? []), { hash, external }])
    }
    for (const checkpoint of own) add(checkpoint, false)
    for (const checkpoint of given) add(checkpoint, true)
    this.#expected = expected
    this.#lastExpected = [...expected.keys()].reduce((last, seq) => Math.max(last, seq), 0)
  }

  segment(firstSeq: number): AuditProblem | undefined {
    return firstSeq === this.seq + 1 ? undefined : at("event_out_of_order", this.seq + 1)
  }

  torn(): AuditProblem {
    return at("tail_torn", this.seq + 1)
  }

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
    if (expected.some(({ hash }) => hash !== event.hash)) {
      return { code: "checkpoint_differs", seq: this.#unchangedThroughSeq + 1, throughSeq: due }
    }
    this.seq = due
    this.#hash = event.hash
    if (event.type === REPAIRED) this.#repairs.push(due)
    if (expected.length > 0) this.#unchangedThroughSeq = due
    if (expected.some(({ external }) => external)) this.#presentThroughSeq = due
    return undefined
  }

  end(): AuditProblem | undefined {
    if (this.#lastExpected <= this.seq) return undefined
    return { code: "log_truncated", seq: this.seq + 1, throughSeq: this.#lastExpected }
  }

  result(problem: AuditProblem | undefined): AuditVerification {
    const rest = { fromSeq: this.#unchangedThroughSeq + 1, throughSeq: this.seq }
    return {
      ok: problem === undefined,
      ...(problem === undefined ? {} : { problem }),
      events: this.seq,
      repairs: this.#repairs,
      unchangedThroughSeq: this.#unchangedThroughSeq,
      presentThroughSeq: this.#presentThroughSeq,
      ...(rest.fromSeq > rest.throughSeq ? {} : { unattested: rest }),
    }
  }
}

interface Expected {
  readonly hash: string
  readonly external: boolean
}

function at(code: AuditProblemCode, seq: number): AuditProblem {
  return { code, seq, throughSeq: seq }
}

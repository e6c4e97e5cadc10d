/**
 * The files of events: `<first seq, 12 digits>.ndjson`, one after another.
 * @module
 */
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { IntegrityError } from "@nightlight/core"
import { errnoOf, toReadError } from "@nightlight/durable"
import { type AuditEvent, GENESIS, parseLine } from "./event.ts"
import { readLinesEnd } from "./lines.ts"

/** One file of events. */
export interface Segment {
  readonly path: string
  /** Seq of its first event, by its name. */
  readonly firstSeq: number
}

const NAME = /^(\d{12})\.ndjson$/

/** The segment that starts with an event. */
export function segmentAt(dir: string, firstSeq: number): Segment {
  return { path: join(dir, `${String(firstSeq).padStart(12, "0")}.ndjson`), firstSeq }
}

/** A log's segments in order; none if the folder is missing. */
export async function listSegments(dir: string): Promise<readonly Segment[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return []
    throw toReadError(error, "the audit log")
  })
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => segmentAt(dir, Number(name.slice(0, 12))))
}

/** Where the next event is appended, and what it is chained to. */
export interface Tail {
  /** Seq of the last whole event; 0 in an empty log. */
  readonly seq: number
  readonly hash: string
  /** The last segment; absent in an empty log. */
  readonly segment?: Segment
  readonly segmentBytes: number
  /** Bytes after the last whole event: a killed process's half-written line. */
  readonly torn: Buffer
}

/**
 * Reads the end of a log.
 *
 * @throws {IntegrityError} `audit_chain_broken` if the last whole line is not an event.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readTail(dir: string): Promise<Tail> {
  const segments = await listSegments(dir)
  const segment = segments.at(-1)
  if (segment === undefined) return { seq: 0, hash: GENESIS, segmentBytes: 0, torn: Buffer.alloc(0) }
  const { line, sizeBytes, torn } = await readLinesEnd(segment.path)
  const rest = { segment, segmentBytes: sizeBytes, torn }
  if (line !== undefined) {
    const { seq, hash } = eventOf(line)
    return { seq, hash, ...rest }
  }
  // The writer was killed before the first event of a new segment was whole: the last event is in the segment before.
  const before = segments.at(-2)
  const previous = before === undefined ? undefined : (await readLinesEnd(before.path)).line
  if (before !== undefined && previous === undefined) throw broken("two of its segments hold no event")
  const { seq, hash } = previous === undefined ? { seq: 0, hash: GENESIS } : eventOf(previous)
  if (segment.firstSeq !== seq + 1) throw broken("a segment's name does not fit its events")
  return { seq, hash, ...rest }
}

function eventOf(line: Buffer): AuditEvent {
  const parsed = parseLine(line)
  if (parsed.kind !== "event") throw broken("its last event was altered")
  return parsed.event
}

/** The error for a log that differs from what its writers left. */
export function broken(problem: string): IntegrityError {
  return new IntegrityError("audit_chain_broken", `the audit log cannot be continued: ${problem}`, {
    hint: "Run `nightlight audit verify` to see where it differs.",
  })
}

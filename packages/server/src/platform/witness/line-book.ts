/**
 * The records of a witness about one client: every line that it gave a receipt for and, separately, lines that it
 * refused although the client's key signed them.
 * @module
 */
import { createHash } from "node:crypto"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { ensureDirPrivate } from "@nightlight/durable"
import {
  appendCheckpoints,
  type Checkpoint,
  type CheckpointKeys,
  isLaterCheckpoint,
  parseCheckpoint,
  readCheckpointEnd,
  readLines,
} from "@nightlight/vault/audit"

/**
 * Why a line is refused: no key of the client signed it, it is older than the last one, or it contradicts a stored one.
 */
export type LineFault = "not-signed" | "went-back" | "contradicts" | "full"

/** The stored lines of one client, append-only. */
export interface LineBook {
  /**
   * Stores a line; when this returns, it is on disk. A line that is stored already changes nothing.
   *
   * @throws {RequestError} `state_conflict`; `details.fault` is a {@link LineFault}.
   * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
   */
  take(line: string, keys: CheckpointKeys): Promise<void>
  /** Lines from a number on, from 0; at most 10,000. */
  read(from: number): Promise<readonly string[]>
}

const LINES_AT_ONCE = 10_000
const MAX_BYTES = 1024 * 1024 * 1024
/** A client that sends one fork after another must not fill the disk. */
const MAX_REFUSED_BYTES = 1024 * 1024

/** Opens the lines of one client, in a folder of its own. One call at a time. */
export function openLineBook(dir: string): LineBook {
  const path = join(dir, "checkpoints.ndjson")
  /**
   * Read when a line arrives that does not follow the last one: a client whose database was restored sends all of them
   * again.
   */
  let places: Map<string, string> | undefined
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work)
    last = mine.catch(() => undefined)
    return mine
  }

  async function take(line: string, keys: CheckpointKeys): Promise<void> {
    const checkpoint = parseCheckpoint(line, keys)
    if (checkpoint === undefined) throw refused("not-signed")
    await ensureDirPrivate(dir)
    const { lastSeq, lastRestarts, lastHash } = await readCheckpointEnd(path)
    const head = { seq: lastSeq, restarts: lastRestarts, hash: lastHash }
    if (isLaterCheckpoint(checkpoint, head)) {
      if (deniesHead(checkpoint, head)) await refuse(line, "contradicts")
      if ((await sizeOf(path)) > MAX_BYTES) throw refused("full")
      await appendCheckpoints(path, [`${line}\n`])
      places?.set(placeOf(checkpoint), digestOf(line))
      return
    }
    places ??= await readPlaces(path)
    const kept = places.get(placeOf(checkpoint))
    if (kept === digestOf(line)) return
    await refuse(line, kept === undefined ? "went-back" : "contradicts")
  }

  /** Stores the proof: the client's key signed a line that is inconsistent with an earlier one. */
  async function refuse(line: string, fault: LineFault): Promise<never> {
    const proofs = join(dir, "refused.ndjson")
    if ((await sizeOf(proofs)) < MAX_REFUSED_BYTES) await appendCheckpoints(proofs, [`${line}\n`])
    throw refused(fault)
  }

  return {
    take: (line, keys) => inTurn(() => take(line, keys)),
    read: (from) =>
      inTurn(async () => {
        const lines: string[] = []
        let number = 0
        for await (const { bytes, torn } of readLines(path)) {
          if (!torn && number >= from) lines.push(bytes.toString("utf8"))
          if (lines.length === LINES_AT_ONCE) break
          number++
        }
        return lines
      }),
  }
}

/** Whether a restart names another last line than the stored one. */
function deniesHead(
  { restart, restarts }: Checkpoint,
  head: { readonly seq: number; readonly restarts: number; readonly hash: string },
): boolean {
  if (restart === undefined || restarts !== head.restarts + 1 || head.seq === 0) return false
  const { before } = restart
  return before.seq < head.seq || (before.seq === head.seq && before.hash !== head.hash)
}

/** Digest of the stored line of each position. */
async function readPlaces(path: string): Promise<Map<string, string>> {
  const places = new Map<string, string>()
  for await (const { bytes, torn } of readLines(path)) {
    if (torn) continue
    const line = bytes.toString("utf8")
    const { seq, restarts = 0 } = JSON.parse(line) as Pick<Checkpoint, "seq"> & { readonly restarts?: number }
    places.set(placeOf({ seq, restarts }), digestOf(line))
  }
  return places
}

function placeOf({ seq, restarts }: Pick<Checkpoint, "seq" | "restarts">): string {
  return `${restarts}/${seq}`
}

function digestOf(line: string): string {
  return createHash("sha256").update(line).digest("base64")
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

const WORDS: Readonly<Record<LineFault, string>> = {
  "not-signed": "the client's key did not sign this line for its position",
  "went-back": "the line is older than the last one, and was never received",
  contradicts: "the line contradicts a stored one",
  full: "the client's file is full",
}

function refused(fault: LineFault): RequestError {
  return new RequestError("state_conflict", WORDS[fault], { details: { fault } })
}

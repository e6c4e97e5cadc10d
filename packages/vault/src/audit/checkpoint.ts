/**
 * Signed statements of how far a log had come: `checkpoints.ndjson` beside the events, and a copy elsewhere.
 * @module
 */
import { open } from "node:fs/promises"
import { dirname, join } from "node:path"
import { canonicalJson, compact, type Signer, tryParseJson, type Verifier } from "@nightlight/core"
import { checkDocument, signDocument, syncDir, toWriteError, writeAll } from "@nightlight/durable"
import type { CheckpointKeys } from "./key-chain.ts"
import { readLines, readLinesEnd } from "./lines.ts"
import { type CheckpointPlace, isLaterCheckpoint } from "./place.ts"

const FORMAT = "nightlight-checkpoint/1"
const RESTART_FORMAT = "nightlight-checkpoint-restart/1"

/** States that event `seq` has this hash, and so attests every event up to it. */
export interface Checkpoint {
  readonly seq: number
  readonly hash: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** How often checkpoints were restarted, this one included: earlier checkpoints may contradict the log. */
  readonly restarts: number
  /** Additional facts in a line that restarts checkpoints. */
  readonly restart?: RestartFacts
  readonly keyId: string
  /** Ed25519, 128 lower-case hexadecimal digits. */
  readonly signature: string
}

/** Who let checkpoints continue from an event that does not follow the last signed one, and why. */
export interface RestartFacts {
  readonly restartId: string
  readonly person: string
  /** A code. */
  readonly reason: string
  /** The last event that was signed before. */
  readonly before: { readonly seq: number; readonly hash: string }
}

/** The trusted part of a file of checkpoints. */
export interface CheckpointFile {
  /** In the file's order. */
  readonly checkpoints: readonly Checkpoint[]
  /** Numbers, from 1, of whole lines that the key did not sign. */
  readonly untrustedLines: readonly number[]
  /** Bytes after the last newline: an unfinished line. */
  readonly tornBytes: number
}

/** Path of a log's own checkpoints. */
export function checkpointsPath(dir: string): string {
  return join(dir, "checkpoints.ndjson")
}

/** The content of a checkpoint, before it is signed. */
export type CheckpointClaim = Pick<Checkpoint, "seq" | "hash" | "at" | "restart"> & { readonly restarts?: number }

/** Signs a checkpoint, or a restart of checkpoints. Returns its line, with the newline. */
export function toCheckpointLine({ seq, hash, at, restarts = 0, restart }: CheckpointClaim, signer: Signer): string {
  const plain = compact({ seq, hash, at, restarts: restarts > 0 ? restarts : undefined })
  const document =
    restart === undefined ? { format: FORMAT, ...plain } : { format: RESTART_FORMAT, ...plain, ...restart }
  return `${canonicalJson(signDocument(document, signer))}\n`
}

/**
 * Reads a file of checkpoints, one a line: a log's own or its copy. A missing file is an empty one.
 *
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readCheckpoints(path: string, keys: Verifier | CheckpointKeys): Promise<CheckpointFile> {
  const checkpoints: Checkpoint[] = []
  const untrustedLines: number[] = []
  let tornBytes = 0
  let number = 0
  for await (const { bytes, torn } of readLines(path)) {
    number++
    // Latin-1, because every byte must count: invalid UTF-8 would be replaced by the same character.
    const checkpoint = torn ? undefined : parseCheckpoint(bytes.toString("latin1"), keys)
    if (torn) tornBytes = bytes.length
    else if (checkpoint === undefined) untrustedLines.push(number)
    else checkpoints.push(checkpoint)
  }
  return { checkpoints, untrustedLines, tornBytes }
}

/** Parses one checkpoint; `undefined` unless a key that is valid for its event signed these very bytes. */
export function parseCheckpoint(line: string, keys: Verifier | CheckpointKeys): Checkpoint | undefined {
  const value = tryParseJson(line)
  const verifier = "keyOf" in keys ? keyOf(value, keys) : keys
  if (verifier === undefined) return undefined
  const plain = checkDocument(value, FORMAT, verifier)
  const document = plain ?? checkDocument(value, RESTART_FORMAT, verifier)
  if (document === undefined || canonicalJson(document) !== line) return undefined
  const { seq, hash, at, restarts = 0, keyId, signature } = document as Record<string, unknown>
  if (!isCount(seq) || !isCount(restarts) || typeof hash !== "string" || typeof at !== "string") return undefined
  const checkpoint = { seq, hash, at, restarts, keyId: keyId as string, signature: signature as string }
  if (plain !== undefined) return checkpoint
  const restart = restartOf(document as Record<string, unknown>)
  return restart === undefined || restarts === 0 ? undefined : { ...checkpoint, restart }
}

function restartOf({ restartId, person, reason, before }: Record<string, unknown>): RestartFacts | undefined {
  const { seq, hash } = (before ?? {}) as Record<string, unknown>
  if (typeof restartId !== "string" || typeof person !== "string" || typeof reason !== "string") return undefined
  if (!isCount(seq) || typeof hash !== "string") return undefined
  return { restartId, person, reason, before: { seq, hash } }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function keyOf(value: unknown, keys: CheckpointKeys): Verifier | undefined {
  const { keyId, seq, restarts = 0 } = (value ?? {}) as Readonly<Record<string, unknown>>
  return typeof keyId === "string" && isCount(seq) && isCount(restarts)
    ? keys.keyOf(keyId, { seq, restarts })
    : undefined
}

/** The end of a file of checkpoints, unchecked: enough to notice that a log is behind it. */
export interface CheckpointEnd {
  /** Seq that the last whole line claims; 0 if there is none. */
  readonly lastSeq: number
  /** Hash that it claims for that event. */
  readonly lastHash: string
  /** How many restarts it claims. */
  readonly lastRestarts: number
  /** Bytes after the last newline. */
  readonly torn: Buffer
}

/** Reads the end of a file of checkpoints. A missing file is an empty one. */
export async function readCheckpointEnd(path: string): Promise<CheckpointEnd> {
  const { line, torn } = await readLinesEnd(path)
  return { ...claimOf(line?.toString("latin1") ?? ""), torn }
}

/**
 * Appends lines to a file of checkpoints, made (0600) if missing, and waits until they are on disk. An unfinished line
 * of an earlier writer is cut off first.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function appendCheckpoints(path: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return
  const { sizeBytes, torn } = await readLinesEnd(path)
  const wholeBytes = sizeBytes - torn.length
  try {
    const handle = await open(path, "a", 0o600)
    try {
      if (torn.length > 0) await handle.truncate(wholeBytes)
      await writeAll(handle, Buffer.from(lines.join("")))
      await handle.sync()
      if (wholeBytes === 0) await syncDir(dirname(path))
    } catch (error) {
      await handle.truncate(wholeBytes).catch(() => undefined)
      throw error
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw toWriteError(error, "checkpoints of the audit log")
  }
}

/**
 * Brings the copy of a log's checkpoints up to date.
 *
 * @param newest - The line just written to `from` and the position of the one before it, which is nearly always all
 *   that is missing.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function copyCheckpoints(
  from: string,
  to: string,
  newest?: { readonly line: string; readonly previous: CheckpointPlace },
): Promise<void> {
  const { lastSeq: seq, lastRestarts: restarts } = await readCheckpointEnd(to)
  const upToDate = newest !== undefined && newest.previous.seq === seq && newest.previous.restarts === restarts
  await appendCheckpoints(to, upToDate ? [newest.line] : await linesSince(from, { seq, restarts }))
}

async function linesSince(path: string, place: CheckpointPlace): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const { bytes, torn } of readLines(path)) {
    const line = bytes.toString("latin1")
    const { lastSeq: seq, lastRestarts: restarts } = claimOf(line)
    if (!torn && isLaterCheckpoint({ seq, restarts }, place)) lines.push(`${line}\n`)
  }
  return lines
}

function claimOf(line: string): Omit<CheckpointEnd, "torn"> {
  const { seq, hash, restarts } = (tryParseJson(line) ?? {}) as Readonly<Record<string, unknown>>
  return {
    lastSeq: isCount(seq) ? seq : 0,
    lastHash: typeof hash === "string" ? hash : "",
    lastRestarts: isCount(restarts) ? restarts : 0,
  }
}

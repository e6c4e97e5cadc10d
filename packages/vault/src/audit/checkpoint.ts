/**
 * Signed statements of how far a log had come: `checkpoints.ndjson` beside the events, and a copy elsewhere.
 * @module
 */
import { open } from "node:fs/promises"
import { dirname, join } from "node:path"
import { canonicalJson, type Signer, type Verifier } from "@nightlight/core"
import { toWriteError } from "../durable/io-errors.ts"
import { syncDir, writeAll } from "../durable/write-file.ts"
import { checkDocument, signDocument } from "../signed-document.ts"
import type { CheckpointKeys } from "./key-chain.ts"
import { readLines, readLinesEnd } from "./lines.ts"

const FORMAT = "nightlight-checkpoint/1"

/** Says: event `seq` has this hash, so every event up to it is what it is. */
export interface Checkpoint {
  readonly seq: number
  readonly hash: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly keyId: string
  /** Ed25519, 128 lower-case hexadecimal digits. */
  readonly signature: string
}

/** A file of checkpoints as far as it can be believed. */
export interface CheckpointFile {
  /** In the file's order. */
  readonly checkpoints: readonly Checkpoint[]
  /** Numbers, from 1, of whole lines that the key did not sign. */
  readonly untrustedLines: readonly number[]
  /** Bytes behind the last newline: a line that was never finished. */
  readonly tornBytes: number
}

/** Where a log's own checkpoints lie. */
export function checkpointsPath(dir: string): string {
  return join(dir, "checkpoints.ndjson")
}

/** Signs a checkpoint. Returns its line, with the newline. */
export function toCheckpointLine(seq: number, hash: string, at: string, signer: Signer): string {
  return `${canonicalJson(signDocument({ format: FORMAT, seq, hash, at }, signer))}\n`
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
    // Latin-1, because every byte must tell: invalid UTF-8 would be read as one replacement character or another.
    const checkpoint = torn ? undefined : parseCheckpoint(bytes.toString("latin1"), keys)
    if (torn) tornBytes = bytes.length
    else if (checkpoint === undefined) untrustedLines.push(number)
    else checkpoints.push(checkpoint)
  }
  return { checkpoints, untrustedLines, tornBytes }
}

/** Reads one checkpoint from its line; `undefined` unless a key that speaks for its event signed these very bytes. */
export function parseCheckpoint(line: string, keys: Verifier | CheckpointKeys): Checkpoint | undefined {
  const value = parseJson(line)
  const verifier = "keyOf" in keys ? keyOf(value, keys) : keys
  const document = verifier === undefined ? undefined : checkDocument(value, FORMAT, verifier)
  if (document === undefined || canonicalJson(document) !== line) return undefined
  const { seq, hash, at, keyId, signature } = document as Record<string, unknown>
  if (!Number.isSafeInteger(seq) || typeof hash !== "string" || typeof at !== "string") return undefined
  return { seq: seq as number, hash, at, keyId: keyId as string, signature: signature as string }
}

function keyOf(value: unknown, keys: CheckpointKeys): Verifier | undefined {
  const { keyId, seq } = (value ?? {}) as { readonly keyId?: unknown; readonly seq?: unknown }
  return typeof keyId === "string" && typeof seq === "number" ? keys.keyOf(keyId, seq) : undefined
}

/** The end of a file of checkpoints, unchecked: enough to see that a log has fallen behind it. */
export interface CheckpointEnd {
  /** Seq that the last whole line claims; 0 if there is none. */
  readonly lastSeq: number
  /** Hash that it claims for that event. */
  readonly lastHash: string
  /** What stands behind the last newline. */
  readonly torn: Buffer
}

/** Reads the end of a file of checkpoints. A missing file is an empty one. */
export async function readCheckpointEnd(path: string): Promise<CheckpointEnd> {
  const { line, torn } = await readLinesEnd(path)
  return { ...claimOf(line?.toString("latin1") ?? ""), torn }
}

/**
 * Appends lines to a file of checkpoints, made (0600) when missing, and waits until they are on disk. What an earlier
 * writer left unfinished is cut off first.
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
 * Brings the copy of a log's checkpoints up to date: appends what it lacks.
 *
 * @param newest - The line just written to `from` and the seq of the one before it: nearly always all that is missing.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function copyCheckpoints(
  from: string,
  to: string,
  newest?: { readonly line: string; readonly previousSeq: number },
): Promise<void> {
  const { lastSeq } = await readCheckpointEnd(to)
  const upToDate = newest !== undefined && newest.previousSeq === lastSeq
  await appendCheckpoints(to, upToDate ? [newest.line] : await linesSince(from, lastSeq))
}

async function linesSince(path: string, seq: number): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const { bytes, torn } of readLines(path)) {
    const line = bytes.toString("latin1")
    if (!torn && claimOf(line).lastSeq > seq) lines.push(`${line}\n`)
  }
  return lines
}

function claimOf(line: string): { readonly lastSeq: number; readonly lastHash: string } {
  const { seq, hash } = (parseJson(line) ?? {}) as { readonly seq?: unknown; readonly hash?: unknown }
  return { lastSeq: Number.isSafeInteger(seq) ? Number(seq) : 0, lastHash: typeof hash === "string" ? hash : "" }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

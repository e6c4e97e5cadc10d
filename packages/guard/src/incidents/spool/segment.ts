/**
 * Segments of the spool: files of frames, written at their end alone.
 * @module
 */
import { copyFile, open, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { syncDir, toReadError, toWriteError } from "@nightlight/durable"
import { FIRST_TAG, readFrame } from "./frame.ts"

const NAME = /^(\d{8})\.spool$/

/** A segment that was read. */
export interface ReadSegment {
  readonly number: number
  readonly records: readonly Buffer[]
  /** Bytes of the records that are whole and ours. */
  readonly bytes: number
  readonly lastTag: Uint8Array
  /** What stands behind them: nothing, a record that was never written to its end, or what we did not seal. */
  readonly tail: "none" | "torn" | "untrusted"
}

/** Path of a segment. */
export function segmentPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(8, "0")}.spool`)
}

/** Numbers of a folder's segments, the oldest first. */
export async function segmentNumbers(dir: string): Promise<readonly number[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    throw toReadError(error, "the spool")
  })
  return names
    .flatMap((name) => Number(NAME.exec(name)?.[1] ?? Number.NaN))
    .filter((n) => !Number.isNaN(n))
    .sort((a, b) => a - b)
}

/**
 * Reads a segment.
 *
 * @param maxBytes - what of it is known to be written; all of it unless given.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readSegment(
  dir: string,
  number: number,
  key: Uint8Array,
  maxBytes?: number,
): Promise<ReadSegment> {
  const whole = await readFile(segmentPath(dir, number)).catch((error: unknown) => {
    throw toReadError(error, "the spool")
  })
  const bytes = maxBytes === undefined ? whole : whole.subarray(0, maxBytes)
  const records: Buffer[] = []
  let offset = 0
  let before: Uint8Array = FIRST_TAG
  while (offset < bytes.length) {
    const frame = readFrame(bytes, offset, { key, segment: number, before })
    if (frame.kind !== "record") return { number, records, bytes: offset, lastTag: before, tail: frame.kind }
    records.push(frame.plaintext)
    offset = frame.end
    before = frame.tag
  }
  return { number, records, bytes: offset, lastTag: before, tail: "none" }
}

/** Keeps a segment that holds what we did not seal beside it, for whoever asks. */
export async function keepUntrusted(dir: string, number: number): Promise<void> {
  const path = segmentPath(dir, number)
  await copyFile(path, `${path}.untrusted`)
}

/**
 * Takes away what stands behind a segment's own records. What we did not seal is kept.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function mendSegment(dir: string, { number, bytes, tail }: ReadSegment): Promise<void> {
  if (tail === "none") return
  const path = segmentPath(dir, number)
  try {
    if (tail === "untrusted") await keepUntrusted(dir, number)
    const handle = await open(path, "r+")
    try {
      await handle.truncate(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await syncDir(dir)
  } catch (error) {
    throw toWriteError(error, "the spool")
  }
}

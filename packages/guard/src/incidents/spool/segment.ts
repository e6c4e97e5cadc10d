/**
 * Segments of the spool: append-only files of frames.
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
  /** Bytes of the records that are complete and authentic. */
  readonly bytes: number
  readonly lastTag: Uint8Array
  /** Bytes after them: none, an incomplete record, or bytes that this workspace did not seal. */
  readonly tail: "none" | "torn" | "untrusted"
}

/** Path of a segment. */
export function segmentPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(8, "0")}.spool`)
}

/** Numbers of a folder's segments, oldest first. */
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
 * @param maxBytes - how much of it is known to be written; all unless given.
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

/** Keeps a copy of a segment with untrusted bytes, for an investigation. */
export async function keepUntrusted(dir: string, number: number): Promise<void> {
  const path = segmentPath(dir, number)
  await copyFile(path, `${path}.untrusted`)
}

/**
 * Cuts off what follows a segment's authentic records. Untrusted bytes are kept in a copy.
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

/**
 * Gathers the fragments of a text into whole records, within limits.
 * @module
 */
import type { Fragment } from "./fragments.ts"

/** One record of a text. */
export interface TextRecord {
  /** Offset of its content in the text. */
  readonly offset: number
  readonly sizeBytes: number
  /** Line on which it begins, from 1. */
  readonly line: number
  /** Position among the records, from 0. */
  readonly position: number
  /** Its content; undefined where it is longer than may be held. */
  readonly bytes: Buffer | undefined
}

const FEED = 0x0a

/**
 * Yields the records of a text in order, holding one at a time.
 *
 * @param maxBytes - Longest record that is held.
 */
export async function* readRecords(
  fragments: AsyncIterable<Fragment>,
  maxBytes: number,
): AsyncGenerator<TextRecord, void> {
  let position = 0
  let passedBytes = 0
  let lines = 1
  let begun: { readonly offset: number; readonly line: number; readonly parts: Uint8Array[] } | undefined
  let sizeBytes = 0
  for await (const { kind, bytes, isEnd } of fragments) {
    if (kind === "record") {
      if (begun === undefined) {
        begun = { offset: passedBytes, line: lines, parts: [] }
        sizeBytes = 0
      }
      sizeBytes += bytes.length
      if (sizeBytes <= maxBytes) begun.parts.push(bytes)
      else begun.parts.length = 0
    }
    passedBytes += bytes.length
    lines += countFeeds(bytes)
    if (begun === undefined || isEnd !== true) continue
    const { offset, line, parts } = begun
    begun = undefined
    const content = sizeBytes > maxBytes ? undefined : joined(parts)
    yield { offset, sizeBytes, line, position: position++, bytes: content }
  }
}

function joined(parts: readonly Uint8Array[]): Buffer {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return Buffer.from(only.buffer, only.byteOffset, only.length)
  return Buffer.concat(parts)
}

function countFeeds(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(FEED); at !== -1; at = bytes.indexOf(FEED, at + 1)) count++
  return count
}

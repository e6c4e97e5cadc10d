/**
 * Recognises WARC files.
 * @module
 */
import { sniffCompression } from "../compression/format.ts"
import { inflateHead } from "../compression/inflate-head.ts"
import type { FileHead } from "../container.ts"

/** Endings of WARC files' names; WET and WAT files are WARC files too. */
export const WARC_ENDINGS = [".warc.gz", ".warc.zst", ".warc", ".wet.gz", ".wat.gz", ".wet", ".wat"] as const

const BEGINNING = Buffer.from("WARC/")

/**
 * Whether a file is a WARC: by its name and first bytes, compressed or not. A file called `.warc` that does not begin
 * like one is a shard too: it cannot be read, and is set aside rather than ignored.
 */
export function isWarc({ name, bytes, sizeBytes }: FileHead): boolean {
  const lower = name.toLowerCase()
  const ending = WARC_ENDINGS.find((candidate) => lower.endsWith(candidate))
  if (ending === undefined || sizeBytes === 0) return false
  if (ending.startsWith(".warc")) return true
  const compression = sniffCompression(bytes)
  const text = compression === undefined ? bytes : inflateHead(bytes, compression)
  return text?.subarray(0, BEGINNING.length).equals(BEGINNING) === true
}

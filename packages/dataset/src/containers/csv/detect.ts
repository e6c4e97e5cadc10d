/**
 * Recognises tables in text.
 * @module
 */
import { originFieldOf } from "../../readers/stated-origin.ts"
import { sniffCompression } from "../compression/format.ts"
import { inflateHead } from "../compression/inflate-head.ts"
import type { FileHead } from "../container.ts"
import { readCells } from "./cells.ts"
import { separatorOf } from "./separator.ts"

/** Endings of the names of tables in text. */
export const CSV_ENDINGS: readonly string[] = [".csv", ".tsv"].flatMap((ending) =>
  ["", ".gz", ".zst"].map((compressed) => `${ending}${compressed}`),
)

/** Larger tables are read by rows whatever their beginning shows. */
const LEAST_BYTES = 64 * 1024
const LEAST_COMPRESSED_BYTES = 4 * 1024
const HEADER_BYTES = 64 * 1024

/**
 * Whether a file called `.csv` or `.tsv` is read by rows: from 64 KiB (4 KiB compressed), or if its first row names a
 * column of addresses or digests, or its beginning has an address or a `data:` URL. Texts in UTF-16 are not.
 */
export function isCsvShard(head: FileHead): boolean {
  const lower = head.name.toLowerCase()
  if (!CSV_ENDINGS.some((ending) => lower.endsWith(ending))) return false
  const compression = sniffCompression(head.bytes)
  const text = compression === undefined ? head.bytes : inflateHead(head.bytes, compression)
  if (text === undefined || text.length === 0) return compression !== undefined
  if (text.includes(0)) return false
  if (head.sizeBytes >= (compression === undefined ? LEAST_BYTES : LEAST_COMPRESSED_BYTES)) return true
  if (text.includes("://") || text.includes("data:")) return true
  const [first = []] = readCells(text.subarray(0, HEADER_BYTES), separatorOf(head.name, text), true).rows
  return first.some((cell) => originFieldOf(cell.toString("utf8")) !== undefined)
}

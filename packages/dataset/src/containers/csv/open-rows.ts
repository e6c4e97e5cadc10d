/**
 * The rows of a table in text, for one pass after another.
 * @module
 */
import { pathOf } from "../../readers/paths.ts"
import type { RandomSource } from "../../readers/source.ts"
import { readChunks } from "../compression/copy-ranges.ts"
import { COMPRESSION_SNIFF_BYTES, sniffCompression } from "../compression/format.ts"
import { inflateSource } from "../compression/inflate.ts"
import { inflateHead } from "../compression/inflate-head.ts"
import type { ShardInput } from "../container.ts"
import type { JsonRecords } from "../jsonl/open-records.ts"
import { groupRecords, groupSizeOf } from "../records/group-records.ts"
import { separatorOf } from "./separator.ts"
import { rowSplitter } from "./split-rows.ts"

const HEAD_BYTES = 64 * 1024

/** The rows of a table, as records. */
export interface TextRows extends JsonRecords {
  readonly separator: number
}

/**
 * Opens the rows of a file.
 *
 * @throws {ShardError}, {DependencyError} as reading the file does.
 */
export async function openRows(
  source: RandomSource,
  { listing, limits }: Pick<ShardInput, "listing" | "limits">,
  signal: AbortSignal,
): Promise<TextRows> {
  const compression = sniffCompression(await source.read(0, COMPRESSION_SNIFF_BYTES))
  const chunks = () =>
    compression === undefined ? readChunks(source) : inflateSource({ source, compression }, limits, signal)
  const head = Buffer.from(await source.read(0, Math.min(HEAD_BYTES, source.sizeBytes)))
  const text = (compression === undefined ? head : inflateHead(head, compression)) ?? head
  const [file] = listing.files
  const separator = separatorOf(file === undefined ? "" : pathOf(file), text)
  const splitRows = rowSplitter(separator)
  const countAll = async () => {
    let count = 0
    for await (const { isEnd } of splitRows(chunks())) if (isEnd === true) count++
    return count
  }
  const groupSize = await groupSizeOf({ source, compression }, limits, countAll)
  const split =
    groupSize === 1 ? splitRows : (all: AsyncIterable<Uint8Array>) => groupRecords(splitRows(all), groupSize)
  return { compression, groupSize, split, fragments: () => split(chunks()), separator }
}

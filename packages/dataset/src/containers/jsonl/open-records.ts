/**
 * The records of a file of JSON records, for one pass after another.
 * @module
 */
import { pathOf } from "../../readers/paths.ts"
import type { RandomSource } from "../../readers/source.ts"
import { readChunks } from "../compression/copy-ranges.ts"
import { COMPRESSION_SNIFF_BYTES, type Compression, sniffCompression } from "../compression/format.ts"
import { inflateSource } from "../compression/inflate.ts"
import type { ShardInput } from "../container.ts"
import { type Fragment, type Splitter, splitLines } from "../records/fragments.ts"
import { groupRecords, groupSizeOf } from "../records/group-records.ts"
import { splitArrayOr } from "../records/split-array.ts"
import { isCalledLines } from "./detect.ts"

/** A file of JSON records. */
export interface JsonRecords {
  readonly compression: Compression | undefined
  /** Lines that are one record; elements of an array always are records of their own. */
  readonly groupSize: number
  readonly split: Splitter
  /** Begins a pass over the file. */
  readonly fragments: () => AsyncIterable<Fragment>
}

/**
 * Opens the records of a file.
 *
 * @param groupSize - Lines that are one record; absent: as many as the limits demand.
 * @throws {ShardError}, {DependencyError} as reading the file does.
 */
export async function openRecords(
  source: RandomSource,
  { listing, limits }: Pick<ShardInput, "listing" | "limits">,
  signal: AbortSignal,
  groupSize?: number,
): Promise<JsonRecords> {
  const compression = sniffCompression(await source.read(0, COMPRESSION_SNIFF_BYTES))
  const chunks = () =>
    compression === undefined ? readChunks(source) : inflateSource({ source, compression }, limits, signal)
  const [file] = listing.files
  const isLines = file !== undefined && isCalledLines(pathOf(file))
  const countAll = async () => {
    let count = 0
    for await (const { isEnd } of splitterOf(isLines, 1)(chunks())) if (isEnd === true) count++
    return count
  }
  const size = groupSize ?? (await groupSizeOf({ source, compression }, limits, countAll))
  const split = splitterOf(isLines, size)
  return { compression, groupSize: size, split, fragments: () => split(chunks()) }
}

function splitterOf(isLines: boolean, groupSize: number): Splitter {
  const lines: Splitter = groupSize === 1 ? splitLines : (chunks) => groupRecords(splitLines(chunks), groupSize)
  return isLines ? lines : (chunks) => splitArrayOr(lines, chunks)
}

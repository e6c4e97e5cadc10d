/**
 * Writes a shard of records without those that are withheld.
 * @module
 */
import type { RandomSource } from "../../readers/source.ts"
import type { Compression } from "../compression/format.ts"
import { recompress } from "../compression/recompress.ts"
import type { ShardInput } from "../container.ts"
import type { WriteShardFile } from "../packed.ts"
import type { Fragment, Splitter } from "./fragments.ts"
import { rewriteRecords } from "./rewrite-records.ts"

/** Records that are opened for a rewrite. */
interface OpenedRecords {
  readonly compression: Compression | undefined
  readonly split: Splitter
  readonly fragments: () => AsyncIterable<Fragment>
}

/** Opens a file's records. */
type OpenRecords = (
  source: RandomSource,
  shard: Pick<ShardInput, "listing" | "limits">,
  signal: AbortSignal,
) => Promise<OpenedRecords>

/** Makes the writer of a format of records: kept ones with their own bytes, compressed again where the file was. */
export function recordWriter(open: OpenRecords): WriteShardFile {
  return async (source, { copy, sink }, signal) => {
    const { limits, decision } = copy
    const { compression, split, fragments } = await open(source, copy, signal)
    const { kept, isIncomplete } = decision
    if (compression === undefined) {
      await sink(rewriteRecords(fragments(), kept))
      return
    }
    const rewrite = (chunks: AsyncIterable<Uint8Array>) => rewriteRecords(split(chunks), kept)
    await recompress({ source, compression, limits, rewrite, isIncomplete }, sink, signal)
  }
}

import { NightlightError } from "@nightlight/core"
import { containerOf, type ShardKind } from "../containers/index.ts"
import { ItemBuilder } from "../containers/item-builder.ts"
import type { CleanOutput } from "../output/output.ts"
import type { ListedFile, ShardListing } from "../readers/listing.ts"
import type { ReaderLimits } from "../readers/types.ts"
import type { DatasetStore } from "../stores/store.ts"

/** A packed shard, in a dataset or in a copy of it. */
export interface KeyedShard {
  readonly kind: ShardKind
  readonly file: ListedFile
  /** The copy; undefined for the dataset itself. */
  readonly copy: CleanOutput | undefined
}

/**
 * Reads the keys, without folders, of a packed shard's samples.
 *
 * @param listing - Of any shard of the plan.
 * @returns undefined if the shard is not there or cannot be read to its end.
 */
export async function readShardKeys(
  { kind, file, copy }: KeyedShard,
  listing: ShardListing,
  { limits, signal }: { readonly limits: ReaderLimits; readonly signal: AbortSignal },
): Promise<ReadonlySet<string> | undefined> {
  const keys = new Set<string>()
  try {
    const store = copy === undefined ? listing.store : await storeOf(copy, file, listing.store)
    if (store === undefined) return undefined
    const shard = { limits, listing: { ...listing, store, files: [file], sidecars: [] } }
    for await (const { key } of containerOf(kind).samples(shard, new ItemBuilder(limits, signal), signal)) {
      keys.add(key.slice(key.lastIndexOf("/") + 1))
    }
    return keys
  } catch (error) {
    if (error instanceof NightlightError) return undefined
    throw error
  }
}

/** One file of a copy, read like a file of the dataset. */
async function storeOf(copy: CleanOutput, file: ListedFile, source: DatasetStore): Promise<DatasetStore | undefined> {
  const opened = await copy.openCopied(file.path)
  if (opened === undefined) return undefined
  const own = {
    sizeBytes: opened.sizeBytes,
    rangePath: undefined,
    read: (offset: number, length: number) => opened.read(offset, length),
    [Symbol.dispose]: () => opened[Symbol.dispose](),
  }
  return { ...source, open: () => own, pathFor: () => undefined, editor: undefined }
}

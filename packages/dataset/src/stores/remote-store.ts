/**
 * Shared by stores that are reached over a network.
 * @module
 */
import type { ListedFile } from "../readers/listing.ts"
import { type BlockOptions, type FetchRange, openBlocks } from "./block-source.ts"
import type { DatasetEditor, DatasetStore } from "./store.ts"

/** Options of {@link remoteStore}. */
export interface RemoteStoreOptions {
  /** Absent where the store can only be read. */
  readonly editor?: DatasetEditor
  readonly blocks?: BlockOptions
}

/**
 * Makes a store of ranges that are fetched. Nothing that it reads is written to this machine's disk.
 *
 * @param rangesOf - Fetches ranges of a file as the plan found it; throws if it is another one.
 */
export function remoteStore(
  rangesOf: (file: ListedFile) => FetchRange,
  { editor, blocks }: RemoteStoreOptions = {},
): DatasetStore {
  return {
    isRemote: true,
    open: (file) => ({ ...openBlocks(file.sizeBytes, rangesOf(file), blocks), rangePath: undefined }),
    async readHead(file, length) {
      const wanted = Math.min(length, file.sizeBytes)
      if (wanted === 0) return Buffer.alloc(0)
      return Buffer.from(await rangesOf(file)(0, wanted, new AbortController().signal))
    },
    pathFor: () => undefined,
    // Each range is bound to the version that the plan found.
    assertUnchanged: () => {},
    editor,
  }
}

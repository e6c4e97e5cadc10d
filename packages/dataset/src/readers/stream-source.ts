import type { StoredFile } from "../stores/store.ts"
import type { ItemSource } from "./types.ts"

/** Most bytes that reading a stream holds: the blocks of its store, and one part. */
export const STREAM_HELD_BYTES = 32 * 2 ** 20

/**
 * An item that is too large to be held, and that the decoder cannot read by itself: it is read part by part, from a file
 * of its own, which is open from the first part to the last.
 *
 * @param open - Opens the file in which the item lies.
 */
export function streamSource(open: () => StoredFile, offset: number, length: number): ItemSource {
  let file: StoredFile | undefined
  const close = () => {
    file?.[Symbol.dispose]()
    file = undefined
  }
  return {
    kind: "stream",
    length,
    async read(position, wanted) {
      try {
        file ??= open()
        const bytes = await file.read(offset + position, wanted)
        if (position + wanted >= length) close()
        return bytes
      } catch (error) {
        close()
        throw error
      }
    },
  }
}

const PART_BYTES = 2 ** 20

/** Yields a stream's bytes. @throws {DependencyError} as the store's reads. */
export async function* partsOf(
  source: Extract<ItemSource, { readonly kind: "stream" }>,
): AsyncGenerator<Uint8Array, void> {
  for (let offset = 0; offset < source.length; offset += PART_BYTES) {
    yield await source.read(offset, Math.min(PART_BYTES, source.length - offset))
  }
}

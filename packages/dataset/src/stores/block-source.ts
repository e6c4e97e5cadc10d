/**
 * Random reads of a file elsewhere: whole blocks are fetched, some ahead, and kept in memory while they are near.
 * @module
 */
import type { RandomSource } from "../readers/source.ts"

/** Fetches a range. It lies within the file, and is not empty; all of it is returned, or an error thrown. */
export type FetchRange = (offset: number, length: number, signal: AbortSignal) => Promise<Uint8Array>

/** Sizes of what is fetched and kept. */
export interface BlockOptions {
  readonly blockBytes?: number
  /** Blocks fetched ahead while a file is read front to back. */
  readonly ahead?: number
  /** Most blocks kept, at least one more than `ahead`. */
  readonly kept?: number
}

const BLOCK_BYTES = 4 * 2 ** 20
const AHEAD = 2
const KEPT = 5

/** Gives random access to a file that ranges are fetched of. Disposing of it stops what is being fetched. */
export function openBlocks(
  sizeBytes: number,
  fetchRange: FetchRange,
  { blockBytes = BLOCK_BYTES, ahead = AHEAD, kept = KEPT }: BlockOptions = {},
): RandomSource & Disposable {
  const stop = new AbortController()
  /** In the order of their last use. */
  const blocks = new Map<number, Promise<Uint8Array>>()
  const last = Math.ceil(sizeBytes / blockBytes) - 1
  let previous = -1

  function block(index: number): Promise<Uint8Array> {
    const known = blocks.get(index)
    const offset = index * blockBytes
    const fetched = known ?? fetchRange(offset, Math.min(blockBytes, sizeBytes - offset), stop.signal)
    blocks.delete(index)
    blocks.set(index, fetched)
    if (known === undefined) {
      // A block that could not be fetched is asked for again by the next read.
      fetched.catch(() => {
        if (blocks.get(index) === fetched) blocks.delete(index)
      })
      for (const oldest of blocks.keys()) {
        if (blocks.size <= kept) break
        blocks.delete(oldest)
      }
    }
    return fetched
  }

  /** The block itself is used last, so that fetching ahead never pushes it out. */
  function blockInOrder(index: number): Promise<Uint8Array> {
    const isForward = index === previous || index === previous + 1
    previous = index
    const wanted = block(index)
    if (isForward) for (let next = index + 1; next <= Math.min(index + ahead, last); next++) void block(next)
    blocks.delete(index)
    blocks.set(index, wanted)
    return wanted
  }

  return {
    sizeBytes,
    async read(offset, wanted) {
      const length = Math.max(0, Math.min(wanted, sizeBytes - offset))
      const bytes = Buffer.allocUnsafe(length)
      for (let done = 0; done < length; ) {
        const position = offset + done
        const index = Math.floor(position / blockBytes)
        const start = position - index * blockBytes
        const part = (await blockInOrder(index)).subarray(start, start + length - done)
        bytes.set(part, done)
        done += part.length
      }
      return bytes
    },
    [Symbol.dispose]: () => stop.abort(),
  }
}

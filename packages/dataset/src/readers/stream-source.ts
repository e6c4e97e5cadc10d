import type { StoredFile } from "../stores/store.ts"
import type { ItemSource } from "./types.ts"

/** Most bytes that reading a stream holds: the blocks of its store, and one part. */
export const STREAM_HELD_BYTES = 32 * 2 ** 20

/** An {@link ItemSource} that is read part by part. */
export type StreamItemSource = Extract<ItemSource, { readonly kind: "stream" }>

/** A file of a stream, and the reads of it in progress. */
interface Reading {
  readonly file: StoredFile
  reads: number
}

/**
 * An item that is too large to be held, and that the decoder cannot read by itself: it is read part by part, from a file
 * of its own, which is open from the first part to the last, or until it is closed. A read that fails has the next one
 * open the file again, and leaves it to the reads in progress.
 *
 * @param open - Opens the file in which the item lies.
 */
export function streamSource(open: () => StoredFile, offset: number, length: number): StreamItemSource {
  let current: Reading | undefined
  const opened = new Set<Reading>()
  const dispose = (reading: Reading) => {
    if (opened.delete(reading)) reading.file[Symbol.dispose]()
  }
  return {
    kind: "stream",
    length,
    async read(position, wanted) {
      if (current === undefined) {
        current = { file: open(), reads: 0 }
        opened.add(current)
      }
      const mine = current
      const leave = () => {
        if (current === mine) current = undefined
      }
      mine.reads++
      try {
        const bytes = await mine.file.read(offset + position, wanted)
        if (position + wanted >= length) leave()
        return bytes
      } catch (error) {
        leave()
        throw error
      } finally {
        mine.reads--
        if (current !== mine && mine.reads === 0) dispose(mine)
      }
    },
    close() {
      current = undefined
      for (const reading of [...opened]) dispose(reading)
    },
  }
}

const PART_BYTES = 2 ** 20

/** Yields a stream's bytes, and closes it at the end. @throws {DependencyError} as the store's reads. */
export async function* partsOf(source: StreamItemSource): AsyncGenerator<Uint8Array, void> {
  try {
    for (let offset = 0; offset < source.length; offset += PART_BYTES) {
      yield await source.read(offset, Math.min(PART_BYTES, source.length - offset))
    }
  } finally {
    source.close()
  }
}

/**
 * A stream that keeps why a part of it could not be read: the decoder only knows that it could not. The failure of an
 * attempt no longer counts when the decoder reads from the start again. Disposing of it closes the stream.
 */
export class WatchedStream implements Disposable {
  readonly source: StreamItemSource
  #failure: { readonly error: unknown } | undefined
  #attempt = 0

  constructor(stream: StreamItemSource) {
    const read: StreamItemSource["read"] = async (offset, length) => {
      if (offset === 0) {
        this.#attempt++
        this.#failure = undefined
      }
      const attempt = this.#attempt
      try {
        return await stream.read(offset, length)
      } catch (error) {
        if (attempt === this.#attempt) this.#failure ??= { error }
        throw error
      }
    }
    this.source = { ...stream, read }
  }

  /** @throws why the last attempt to read it failed, if it did. */
  assertRead(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  [Symbol.dispose](): void {
    this.source.close()
  }
}

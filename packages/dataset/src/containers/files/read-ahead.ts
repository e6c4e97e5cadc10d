/**
 * Reads small files of a store ahead of their turn: one call takes longer than a picture takes to screen.
 * @module
 */
import type { ListedFile } from "../../readers/listing.ts"
import type { DatasetStore } from "../../stores/store.ts"

const FILES_AHEAD = 24
const BYTES_AHEAD = 32 * 2 ** 20

/** Files being read in order. Disposing of it drops what was read and not taken. */
export interface ReadAhead extends Disposable {
  /**
   * Takes a whole file's bytes.
   *
   * @throws {DependencyError} `source_changed`, `source_unreadable`, `unavailable`.
   */
  take(file: ListedFile): Promise<Uint8Array>
}

/** Reads files, at most 32 MiB of them ahead. @param files - In the order in which they are taken; some may be left out. */
export function readAhead(store: DatasetStore, files: readonly ListedFile[]): ReadAhead {
  const reading = new Map<ListedFile, Promise<Uint8Array>>()
  let next = 0
  let heldBytes = 0

  async function readWhole(file: ListedFile): Promise<Uint8Array> {
    using opened = store.open(file)
    return await opened.read(0, file.sizeBytes)
  }

  function fill(): void {
    for (; next < files.length && reading.size < FILES_AHEAD; next++) {
      const file = files[next]
      if (file === undefined || heldBytes + file.sizeBytes > BYTES_AHEAD) return
      heldBytes += file.sizeBytes
      const bytes = readWhole(file)
      // The error is thrown when the file's turn comes.
      bytes.catch(() => undefined)
      reading.set(file, bytes)
    }
  }

  /** Drops files before this one, which nobody took. */
  function dropUntil(file: ListedFile): void {
    for (const each of reading.keys()) {
      if (each === file) return
      heldBytes -= each.sizeBytes
      reading.delete(each)
    }
  }

  return {
    async take(file) {
      dropUntil(file)
      const known = reading.get(file)
      if (known === undefined) {
        next = Math.max(next, files.indexOf(file) + 1)
        fill()
        return readWhole(file)
      }
      reading.delete(file)
      heldBytes -= file.sizeBytes
      fill()
      return known
    },
    [Symbol.dispose]: () => {
      next = files.length
      reading.clear()
    },
  }
}

import type { FileHandle } from "node:fs/promises"

/**
 * Reads an open file from its position to its end, and closes it, also after an error or a `break`.
 *
 * @param chunkBytes - the longest chunk.
 * @returns Chunks that belong to the reader.
 */
export async function* fileChunks(handle: FileHandle, chunkBytes: number): AsyncGenerator<Uint8Array, void, void> {
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

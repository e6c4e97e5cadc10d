import { constants, gunzipSync, zstdDecompressSync } from "node:zlib"
import type { Compression } from "./format.ts"

/** Most bytes that the beginning of a file may inflate to. */
const MAX_BYTES = 2 ** 26

/** Inflates the beginning of a compressed file, of which only the beginning is given; `undefined` if it is damaged. */
export function inflateHead(head: Uint8Array, compression: Compression): Buffer | undefined {
  try {
    // Only the beginning is inflated, so a missing end is not an error.
    return compression === "gzip"
      ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_BYTES })
      : zstdDecompressSync(head, { finishFlush: constants.ZSTD_e_flush, maxOutputLength: MAX_BYTES })
  } catch {
    return undefined
  }
}

import { constants, gunzipSync } from "node:zlib"
import { type SniffedMedia, sniffMedia } from "@nightlight/core"

/** Most bytes to which 4 KiB of gzip can unpack. */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024

/** The type of a gzipped SVG, by its unpacked head; `undefined` for any other gzip file. */
export function unpackedSvgz(head: Uint8Array): SniffedMedia | undefined {
  try {
    const unpacked = gunzipSync(head, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_UNPACKED_BYTES,
    })
    const media = sniffMedia(unpacked.subarray(0, 4096), unpacked.length + 1)
    return media.mediaType === "image/svg+xml" ? media : undefined
  } catch {
    return undefined
  }
}

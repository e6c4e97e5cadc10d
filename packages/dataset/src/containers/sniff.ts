import { type Compression, sniffCompression } from "./compression/format.ts"
import { hasTarChecksum } from "./tar/header.ts"

/** Archive formats, recognised by first bytes, whatever the name. */
export type ArchiveFormat = "zip" | "tar" | Compression

/** First bytes that {@link sniffArchive} needs. */
export const SNIFF_BYTES = 512

/** Recognises an archive by its first bytes: zip (also empty), gzip, zstd, or a tar header with the right checksum. */
export function sniffArchive(head: Uint8Array): ArchiveFormat | undefined {
  const [a, b, c, d] = head
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return "zip"
  const compression = sniffCompression(head)
  return compression !== "gzip" && hasTarChecksum(head) ? "tar" : compression
}

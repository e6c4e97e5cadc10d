/**
 * Compression formats of whole files.
 * @module
 */

/** How a file is compressed as a whole. */
export type Compression = "gzip" | "zstd"

/** First bytes that {@link sniffCompression} needs. */
export const COMPRESSION_SNIFF_BYTES = 4

/** Recognises a compressed file by its first bytes; zstd may begin with a frame that holds no data. */
export function sniffCompression(head: Uint8Array): Compression | undefined {
  const [a = 0, b, c, d] = head
  if (a === 0x1f && b === 0x8b) return "gzip"
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd"
  return (a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18 ? "zstd" : undefined
}

import { hasTarChecksum } from "./tar/header.ts"

/** Archive formats, recognised by first bytes, whatever the name. */
export type ArchiveFormat = "zip" | "tar" | "gzip"

/** First bytes that {@link sniffArchive} needs. */
export const SNIFF_BYTES = 512

/** Recognises an archive by its first bytes: zip (also empty), gzip, or a tar header with the right checksum. */
export function sniffArchive(head: Uint8Array): ArchiveFormat | undefined {
  const [a, b, c, d] = head
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return "zip"
  if (a === 0x1f && b === 0x8b) return "gzip"
  return hasTarChecksum(head) ? "tar" : undefined
}

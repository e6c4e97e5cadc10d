/**
 * Recognises a file by its first bytes only. Name, extension and declared type are ignored.
 * @module
 */
import { isobmffType } from "./media-isobmff.ts"
import { SIGNATURES } from "./media-signatures.ts"
import { textType } from "./media-text.ts"
import type { SniffedMedia } from "./sniffed-media.ts"

/** First bytes that {@link sniffMedia} needs, or the whole file where it is shorter. */
export const SNIFF_BYTES = 4096
const UNKNOWN: SniffedMedia = { mediaType: "application/octet-stream", kind: "unknown" }

/**
 * Recognises a file by its content.
 *
 * `text` and `array` mean that the file is certainly harmless to skip. Anything unrecognised is `unknown`, and a format
 * that contains pictures which cannot be read is `opaque`. Only the head of a text is examined, so a caller with the
 * whole file must check the rest before it relies on `text`.
 *
 * @param head - the first {@link SNIFF_BYTES} bytes or more, or the whole file. Not modified.
 * @param sizeBytes - size of the whole file.
 */
export function sniffMedia(head: Uint8Array, sizeBytes: number): SniffedMedia {
  if (sizeBytes === 0 || head.length === 0) return { mediaType: "application/x-empty", kind: "text" }
  for (const { offset, bytes, mediaType, kind, also } of SIGNATURES) {
    if (!matches(head, offset, bytes) || (also !== undefined && !also(head, sizeBytes))) continue
    if (kind === "opaque" && bytes.every(isPrintable)) {
      // A caption may begin like an Ogg file, but no Ogg file consists of text only.
      const prose = textType(head, sizeBytes)
      if (prose?.kind === "text") return prose
    }
    return { mediaType, kind }
  }
  return isobmffType(head) ?? tarType(head) ?? textType(head, sizeBytes) ?? pdfBehindJunk(head) ?? UNKNOWN
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f
}

function matches(head: Uint8Array, offset: number, bytes: readonly number[]): boolean {
  for (let i = 0; i < bytes.length; i++) if (head[offset + i] !== bytes[i]) return false
  return true
}

const TAR: SniffedMedia = { mediaType: "application/x-tar", kind: "archive" }

/** Recognises a tar header by its checksum, because the oldest tar files have no magic. */
function tarType(head: Uint8Array): SniffedMedia | undefined {
  if (head.length < 512) return undefined
  if (matches(head, 257, [0x75, 0x73, 0x74, 0x61, 0x72])) return TAR
  const field = String.fromCharCode(...head.subarray(148, 156))
  if (!/^ *[0-7]{1,7}[ \0]/.test(field)) return undefined
  let sum = 8 * 0x20
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += head[i] ?? 0
  return sum > 8 * 0x20 && sum === Number.parseInt(field.trim(), 8) ? TAR : undefined
}

/** Readers accept a PDF with its header anywhere in the first kilobyte. */
function pdfBehindJunk(head: Uint8Array): SniffedMedia | undefined {
  for (let index = 0; index + 5 <= Math.min(head.length, 1024); index++) {
    if (matches(head, index, [0x25, 0x50, 0x44, 0x46, 0x2d])) return { mediaType: "application/pdf", kind: "opaque" }
  }
  return undefined
}

/**
 * Files made of ISO base media boxes (ISO/IEC 14496-12): MP4, QuickTime, HEIF, AVIF.
 * @module
 */
import type { SniffedMedia } from "./sniffed-media.ts"

const BOXES_THAT_BEGIN_QUICKTIME: readonly string[] = ["moov", "mdat", "wide", "free", "skip", "pnot"]

/** Type by the `ftyp` box, or `undefined` where the file does not begin with a box. */
export function isobmffType(head: Uint8Array): SniffedMedia | undefined {
  if (head.length < 12) return undefined
  const box = ascii(head, 4)
  if (BOXES_THAT_BEGIN_QUICKTIME.includes(box)) return { mediaType: "video/quicktime", kind: "opaque" }
  if (box !== "ftyp") return undefined
  const brands = [ascii(head, 8), ...compatibleBrands(head)]
  const has = (...wanted: readonly string[]) => brands.some((brand) => wanted.includes(brand))
  if (has("avis")) return { mediaType: "image/avif-sequence", kind: "picture" }
  if (has("avif")) return { mediaType: "image/avif", kind: "picture" }
  if (has("heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "msf1", "miaf")) {
    return { mediaType: "image/heic", kind: "opaque" }
  }
  switch (ascii(head, 8)) {
    case "qt  ":
      return { mediaType: "video/quicktime", kind: "opaque" }
    case "M4A ":
    case "M4B ":
      return { mediaType: "audio/mp4", kind: "opaque" }
    case "jp2 ":
    case "jpx ":
      return { mediaType: "image/jp2", kind: "opaque" }
    case "crx ":
      return { mediaType: "image/x-canon-cr3", kind: "opaque" }
    default:
      return { mediaType: "video/mp4", kind: "opaque" }
  }
}

function compatibleBrands(head: Uint8Array): string[] {
  const sizeBytes = new DataView(head.buffer, head.byteOffset, head.length).getUint32(0)
  const end = Math.min(sizeBytes, head.length, 512)
  const brands: string[] = []
  for (let offset = 16; offset + 4 <= end; offset += 4) brands.push(ascii(head, offset))
  return brands
}

function ascii(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4))
}

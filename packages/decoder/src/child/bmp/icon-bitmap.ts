import { releaseMemory } from "../pixels.ts"
import { type Dib, readDib } from "./dib-header.ts"
import { type DibPixels, dibPixels } from "./dib-pixels.ts"

/** A bitmap of an icon, split into colours and mask. */
export interface IconBitmap {
  /** Header of the colours only. */
  readonly dib: Dib
  readonly header: Buffer
  readonly colours: Buffer
  /** One bit per pixel, set where it is transparent; empty where the colours have alpha and there is no mask. */
  readonly mask: Buffer
  readonly isCut: boolean
  /** Bytes after the bitmap. */
  readonly rest: Buffer
}

/**
 * Reads an entry, whose header also counts the mask's rows.
 *
 * @returns the result of {@link readDib}.
 */
export function readIconBitmap(entry: Buffer): IconBitmap | "other" | "broken" {
  const both = readDib(entry)
  if (typeof both === "string") return both
  if (both.coding !== "plain") return "other"
  if (both.height % 2 !== 0 || (both.bits > 8 && both.palette.count > 0)) return "broken"
  const dib = { ...both, height: both.height / 2 }
  const coloursEnd = dib.end + dib.rowBytes * dib.height
  const maskEnd = coloursEnd + maskRowBytes(dib) * dib.height
  const hasNoMask = dib.bits === 32 && entry.length === coloursEnd
  return {
    dib,
    header: entry,
    colours: entry.subarray(dib.end, coloursEnd),
    mask: entry.subarray(coloursEnd, maskEnd),
    isCut: entry.length < maskEnd && !hasNoMask,
    rest: entry.subarray(maskEnd),
  }
}

/** Decodes the bitmap. The mask applies where the colours have no alpha. */
export function iconPixels(icon: IconBitmap): DibPixels | undefined {
  const { dib, mask, isCut } = icon
  const seen = dibPixels(dib, icon.header, icon.colours)
  if (seen === undefined) return undefined
  const isDamaged = seen.isDamaged || isCut
  if (seen.pixels.channels === 4 || mask.every((byte) => byte === 0)) return { pixels: seen.pixels, isDamaged }
  const { data, width, height } = seen.pixels
  const rowBytes = maskRowBytes(dib)
  const out = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    const row = rowBytes * (dib.isTopDown ? y : height - 1 - y)
    for (let x = 0; x < width; x++) {
      const offset = y * width + x
      for (let i = 0; i < 3; i++) out[4 * offset + i] = data[3 * offset + i] ?? 0
      out[4 * offset + 3] = (((mask[row + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 0 ? 255 : 0
    }
  }
  seen.pixels.release()
  return { pixels: { data: out, width, height, channels: 4, release: () => releaseMemory(out) }, isDamaged }
}

function maskRowBytes({ width }: Dib): number {
  return Math.ceil(width / 32) * 4
}

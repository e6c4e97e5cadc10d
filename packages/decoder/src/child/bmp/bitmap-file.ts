import { type Dib, readDib } from "./dib-header.ts"
import { readRle } from "./rle.ts"

/** A bitmap's file, as described by its headers. */
export interface BitmapFile {
  readonly dib: Dib
  /** Bytes from the bitmap header on, after the file header. */
  readonly header: Buffer
  /** Offset of the first coded pixel in the file. */
  readonly pixelsAt: number
}

/** Bytes of the file header (BITMAPFILEHEADER). */
export const FILE_HEADER_BYTES = 14

/**
 * Reads the headers of a bitmap's file. Pixels must come after the palette, because readers differ on other positions.
 *
 * @returns the result of {@link readDib}.
 */
export function readBitmap(file: Buffer): BitmapFile | "other" | "broken" {
  if (file.length < FILE_HEADER_BYTES) return "broken"
  const header = file.subarray(FILE_HEADER_BYTES)
  const dib = readDib(header)
  if (typeof dib === "string") return dib
  const pixelsAt = file.readUInt32LE(10)
  // Files often announce the longest palette but write a shorter one.
  const leastAt = FILE_HEADER_BYTES + (dib.bits > 8 ? dib.palette.at : dib.end)
  return pixelsAt < leastAt ? "broken" : { dib, header, pixelsAt }
}

/** End of the coded pixels, from the first one; `undefined` where it is outside the data. */
export function pixelsEnd(dib: Dib, data: Buffer): { readonly end: number | undefined; readonly isSound: boolean } {
  if (dib.coding !== "plain") return readRle(data, dib)
  const end = dib.rowBytes * dib.height
  return { end: end <= data.length ? end : undefined, isSound: true }
}

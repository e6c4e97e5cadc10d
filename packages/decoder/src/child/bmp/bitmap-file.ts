import { type Dib, readDib } from "./dib-header.ts"
import { readRle } from "./rle.ts"

/** A bitmap's file, as far as its headers tell. */
export interface BitmapFile {
  readonly dib: Dib
  /** From the header behind the file's own on. */
  readonly header: Buffer
  /** Offset of the first coded pixel in the file. */
  readonly pixelsAt: number
}

/** Bytes of the file's own header (BITMAPFILEHEADER). */
export const FILE_HEADER_BYTES = 14

/**
 * Reads the headers of a bitmap's file. Pixels must stand behind the palette: readers differ on where they are else.
 *
 * @returns as {@link readDib} does.
 */
export function readBitmap(file: Buffer): BitmapFile | "other" | "broken" {
  if (file.length < FILE_HEADER_BYTES) return "broken"
  const header = file.subarray(FILE_HEADER_BYTES)
  const dib = readDib(header)
  if (typeof dib === "string") return dib
  const pixelsAt = file.readUInt32LE(10)
  // The longest palette is often announced and not written whole.
  const leastAt = FILE_HEADER_BYTES + (dib.bits > 8 ? dib.palette.at : dib.end)
  return pixelsAt < leastAt ? "broken" : { dib, header, pixelsAt }
}

/** Where coded pixels end, counted from the first; `undefined` where that lies outside. */
export function pixelsEnd(dib: Dib, data: Buffer): { readonly end: number | undefined; readonly isSound: boolean } {
  if (dib.coding !== "plain") return readRle(data, dib)
  const end = dib.rowBytes * dib.height
  return { end: end <= data.length ? end : undefined, isSound: true }
}

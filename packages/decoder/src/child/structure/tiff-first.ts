import { type TiffDirectory, type TiffFile, writePlace } from "./tiff-file.ts"

/** Copies a TIFF so that one directory is the only one that a decoder finds. */
export function firstOf(tiff: TiffFile, directory: TiffDirectory): Buffer {
  const bytes = Buffer.from(tiff.bytes)
  makeFirst({ ...tiff, bytes }, directory)
  return bytes
}

/** Makes a directory the only one that a decoder finds, in place. */
export function makeFirst(tiff: TiffFile, directory: TiffDirectory): void {
  writePlace(tiff, tiff.isBig ? 8 : 4, directory.offset)
  writePlace(tiff, directory.nextAt, 0)
}

import { FILE_HEADER_BYTES, pixelsEnd, readBitmap } from "../bmp/bitmap-file.ts"
import { cutStructure, type Structure } from "./structure.ts"

/** Walks a bitmap's headers and pixels. The size in the file header is ignored, because no reader uses it. */
export function bitmapStructure(file: Buffer): Structure {
  const bitmap = readBitmap(file)
  if (typeof bitmap === "string") {
    return { ...cutStructure([file.subarray(FILE_HEADER_BYTES)]), end: file.length, isBroken: bitmap === "broken" }
  }
  const { dib, pixelsAt } = bitmap
  const data = file.subarray(pixelsAt)
  const { end, isSound } = pixelsEnd(dib, data)
  const areas = [file.subarray(FILE_HEADER_BYTES + dib.headerBytes, pixelsAt)]
  const coded = [data.subarray(0, end)]
  if (end === undefined) return cutStructure(areas, coded)
  const codedEnd = pixelsAt + end
  const { at, sizeBytes } = dib.profile ?? { at: 0, sizeBytes: 0 }
  const fileEnd = Math.max(codedEnd, FILE_HEADER_BYTES + at + sizeBytes)
  if (fileEnd > file.length) return cutStructure([...areas, file.subarray(codedEnd)], coded)
  areas.push(file.subarray(codedEnd, fileEnd))
  return { end: fileEnd, isBroken: !isSound, areas, coded }
}

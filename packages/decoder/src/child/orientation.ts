/**
 * Reads a picture's EXIF orientation (EXIF 2.32, 4.6.5: tag 0x0112) without decoding.
 * @module
 */

const UPRIGHT = 1
const ORIENTATION_TAG = 0x0112

/** Most entries of a directory to examine. */
const MAX_ENTRIES = 512

/** EXIF orientation, 1 to 8; 1 where there is none. EXIF in AVIF is ignored, because AVIF turns its pixels itself. */
export function exifOrientation(bytes: Uint8Array, mediaType: string): number {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const exif = exifOf(file, mediaType)
  return exif === undefined ? UPRIGHT : orientationIn(exif)
}

function exifOf(file: Buffer, mediaType: string): Buffer | undefined {
  switch (mediaType) {
    case "image/jpeg":
      return exifOfJpeg(file)
    case "image/png":
    case "image/apng":
      return exifOfPng(file)
    case "image/webp":
      return exifOfWebp(file)
    case "image/tiff":
      return file
    default:
      return undefined
  }
}

function exifOfJpeg(file: Buffer): Buffer | undefined {
  let offset = 2
  while (offset + 10 <= file.length && file[offset] === 0xff) {
    const marker = file[offset + 1] ?? 0
    if (marker === 0xda || marker === 0xd9) return undefined
    const end = offset + 2 + file.readUInt16BE(offset + 2)
    if (marker === 0xe1 && file.toString("latin1", offset + 4, offset + 10) === "Exif\0\0")
      return file.subarray(offset + 10, end)
    offset = end
  }
  return undefined
}

function exifOfPng(file: Buffer): Buffer | undefined {
  let offset = 8
  while (offset + 12 <= file.length) {
    const end = offset + 12 + file.readUInt32BE(offset)
    const name = file.toString("latin1", offset + 4, offset + 8)
    if (name === "eXIf") return file.subarray(offset + 8, end - 4)
    if (name === "IEND") return undefined
    offset = end
  }
  return undefined
}

function exifOfWebp(file: Buffer): Buffer | undefined {
  let offset = 12
  while (offset + 8 <= file.length) {
    const size = file.readUInt32LE(offset + 4)
    if (file.toString("latin1", offset, offset + 4) === "EXIF") {
      const exif = file.subarray(offset + 8, offset + 8 + size)
      return exif.toString("latin1", 0, 6) === "Exif\0\0" ? exif.subarray(6) : exif
    }
    offset += 8 + size + (size % 2)
  }
  return undefined
}

/** Orientation in the first directory of a TIFF. */
export function orientationIn(tiff: Buffer): number {
  if (tiff.length < 14) return UPRIGHT
  const order = tiff.toString("latin1", 0, 2)
  if (order !== "II" && order !== "MM") return UPRIGHT
  const u16 = (offset: number) => (order === "II" ? tiff.readUInt16LE(offset) : tiff.readUInt16BE(offset))
  const u32 = (offset: number) => (order === "II" ? tiff.readUInt32LE(offset) : tiff.readUInt32BE(offset))
  const directory = u32(4)
  if (u16(2) !== 42 || directory + 2 > tiff.length) return UPRIGHT
  const entries = Math.min(u16(directory), MAX_ENTRIES)
  for (let i = 0; i < entries; i++) {
    const offset = directory + 2 + 12 * i
    if (offset + 12 > tiff.length) return UPRIGHT
    if (u16(offset) !== ORIENTATION_TAG) continue
    const value = u16(offset + 8)
    return value >= 1 && value <= 8 ? value : UPRIGHT
  }
  return UPRIGHT
}

import { sniffMedia } from "@nightlight/core"

/** Beginnings of pictures that are too long to occur among numbers by accident. */
const BEGINNINGS: readonly Buffer[] = [
  "\x89PNG\r\n\x1a\n",
  "GIF87a",
  "GIF89a",
  "JFIF\0\x01",
  "Exif\0\0MM\0*",
  "Exif\0\0II*\0",
  "\xff\xd8\xff\xdb\0",
  "WEBPVP8",
  "ftypavif",
  "ftypheic",
  "ftypmif1",
  "jP  \r\n\x87\n",
  "JXL \r\n\x87\n",
  "%PDF-1.",
].map((text) => Buffer.from(text, "latin1"))

/** Overlap that chunks of a file need: the length of the longest of {@link BEGINNINGS}, less one. */
export const BEGINNING_OVERLAP = 11

const JPEG = Buffer.from([0xff, 0xd8, 0xff])

/** Whether bytes contain the beginning of a picture's file anywhere. */
export function holdsPictureFile(bytes: Buffer): boolean {
  return BEGINNINGS.some((beginning) => bytes.includes(beginning))
}

/**
 * Whether an array's bytes are a file.
 *
 * @param isBytes - whether its elements are single bytes, at any of which a file may begin.
 */
export function beginsAsFile(data: Buffer, isBytes: boolean): boolean {
  if (sniffMedia(data.subarray(0, 4096), data.length).kind === "picture") return true
  if (!isBytes) return false
  for (let offset = data.indexOf(JPEG); offset !== -1; offset = data.indexOf(JPEG, offset + 1)) {
    const marker = data[offset + 3] ?? 0
    if (marker >= 0xc0 && marker < 0xff) return true
  }
  return false
}

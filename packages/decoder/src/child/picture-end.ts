/**
 * Where a picture ends in its file: what lies behind may be another file.
 * @module
 */

/**
 * Offset behind the picture's last byte, at most the file's size; `undefined` where the end is missing: the file was
 * cut. Of a format whose end its structure does not tell (TIFF), the file's size.
 */
export function endOfPicture(file: Buffer, mediaType: string): number | undefined {
  switch (mediaType) {
    case "image/jpeg":
      return endOfJpeg(file)
    case "image/png":
    case "image/apng":
      return endOfPng(file)
    case "image/gif":
      return endOfGif(file)
    case "image/webp":
      return endOfRiff(file)
    case "image/avif":
    case "image/avif-sequence":
      return endOfBoxes(file)
    default:
      return file.length
  }
}

const END_OF_IMAGE = Buffer.from([0xff, 0xd9])

/**
 * The first end marker behind the first scan's header. In coded data 0xFF is always followed by zero or a restart
 * marker, so only a table between two scans could hold a false end: it would make the file look longer, never shorter.
 */
function endOfJpeg(file: Buffer): number | undefined {
  let at = 2
  while (at + 4 <= file.length) {
    const marker = file[at + 1] ?? 0
    if (file[at] !== 0xff) at = file.indexOf(0xff, at)
    else if (marker === 0xff) at += 1
    else if (marker === 0xd9) return at + 2
    else if (marker === 0xda) {
      const end = file.indexOf(END_OF_IMAGE, at + 2 + file.readUInt16BE(at + 2))
      return end === -1 ? undefined : end + 2
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else at += 2 + Math.max(2, file.readUInt16BE(at + 2))
    if (at === -1) return undefined
  }
  return undefined
}

/** How many colours a JPEG stores, by its frame header; 0 where it has none. */
export function jpegComponents(bytes: Uint8Array): number {
  let at = 2
  while (at + 10 <= bytes.length) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff || marker === 0xff) at += 1
    else if (isFrameHeader(marker)) return bytes[at + 9] ?? 0
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else if (marker === 0xd9 || marker === 0xda) return 0
    else at += 2 + Math.max(2, (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0))
  }
  return 0
}

/** SOF0 to SOF15 without the tables and extensions that stand between them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

function endOfPng(file: Buffer): number | undefined {
  let at = 8
  while (at + 12 <= file.length) {
    const end = at + 12 + file.readUInt32BE(at)
    if (file.toString("latin1", at + 4, at + 8) === "IEND") return end <= file.length ? end : undefined
    at = end
  }
  return undefined
}

function endOfGif(file: Buffer): number | undefined {
  let at = 13 + colourTableBytes(file[10] ?? 0)
  while (at < file.length) {
    const block = file[at]
    if (block === 0x3b) return at + 1
    if (block === 0x21) at += 2
    else if (block === 0x2c) at += 11 + colourTableBytes(file[at + 9] ?? 0)
    else return undefined
    at = endOfSubBlocks(file, at)
  }
  return undefined
}

function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}

function endOfSubBlocks(file: Buffer, start: number): number {
  let at = start
  for (let size = file[at]; size !== undefined && size !== 0; size = file[at]) at += 1 + size
  return at + 1
}

function endOfRiff(file: Buffer): number | undefined {
  const end = 8 + file.readUInt32LE(4)
  // A writer may leave the padding byte of an odd size out.
  return end <= file.length ? end : end === file.length + 1 ? file.length : undefined
}

function endOfBoxes(file: Buffer): number | undefined {
  let end = 0
  for (const box of boxesOf(file)) end = box.end
  return end > file.length ? undefined : end
}

/** Whether a file of boxes has a track: moving pictures besides the still one. */
export function hasTrack(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (const { name } of boxesOf(file)) if (name === "moov" || name === "moof") return true
  return false
}

function* boxesOf(file: Buffer): Generator<{ readonly name: string; readonly end: number }> {
  let at = 0
  while (at + 8 <= file.length) {
    const name = file.toString("latin1", at + 4, at + 8)
    if (!/^[a-z0-9 ]{4}$/i.test(name)) return
    const size = file.readUInt32BE(at)
    const isLong = size === 1 && at + 16 <= file.length
    const sizeBytes = size === 0 ? file.length - at : isLong ? Number(file.readBigUInt64BE(at + 8)) : size
    if (sizeBytes < 8) return
    at += sizeBytes
    yield { name, end: at }
  }
}

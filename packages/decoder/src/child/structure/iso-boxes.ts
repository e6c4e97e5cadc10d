/** A box of an ISO base media file (ISO/IEC 14496-12, 4.2). */
export interface Box {
  readonly name: string
  /** Content, after size and name. */
  readonly data: Buffer
  /** Offset after the box. */
  readonly end: number
}

/** Whether a file of boxes has a track: moving pictures in addition to the still one. */
export function hasTrack(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (const { name } of boxesOf(file)) if (name === "moov" || name === "moof") return true
  return false
}

/** Yields consecutive boxes, up to the first invalid one. The last one may end after the bytes, if they were cut. */
export function* boxesOf(bytes: Buffer): Generator<Box> {
  let offset = 0
  while (offset + 8 <= bytes.length) {
    const name = bytes.toString("latin1", offset + 4, offset + 8)
    if (!/^[a-z0-9 ]{4}$/i.test(name)) return
    const size = bytes.readUInt32BE(offset)
    const isLong = size === 1 && offset + 16 <= bytes.length
    const sizeBytes = size === 0 ? bytes.length - offset : isLong ? Number(bytes.readBigUInt64BE(offset + 8)) : size
    if (sizeBytes < 8) return
    const data = bytes.subarray(offset + (isLong ? 16 : 8), offset + sizeBytes)
    offset += sizeBytes
    yield { name, data, end: offset }
  }
}

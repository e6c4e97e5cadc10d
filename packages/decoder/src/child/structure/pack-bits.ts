/** Result of checking a strip of coded pixels. */
export interface CodedStrip {
  readonly isSound: boolean
  /** Unpacked size in bytes; `undefined` where the coding itself defines it. */
  readonly unpackedBytes: number | undefined
  /** Parts of the strip that are not pixels. */
  readonly areas: readonly Buffer[]
}

/** Walks runs of bytes (TIFF 6.0, section 9) up to `mostBytes`. */
export function packBits(data: Buffer, mostBytes: number): CodedStrip {
  let unpackedBytes = 0
  let offset = 0
  while (offset < data.length && unpackedBytes < mostBytes) {
    const head = data.readInt8(offset)
    if (head === -128) offset += 1
    else if (head < 0) {
      unpackedBytes += 1 - head
      offset += 2
    } else {
      unpackedBytes += 1 + head
      offset += 2 + head
    }
  }
  return { isSound: offset <= data.length, unpackedBytes, areas: [data.subarray(offset)] }
}

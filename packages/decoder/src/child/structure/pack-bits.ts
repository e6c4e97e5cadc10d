/** What a strip of coded pixels turned out to be. */
export interface CodedStrip {
  readonly isSound: boolean
  /** Bytes that it unpacks to; `undefined` where its coding says so itself. */
  readonly unpackedBytes: number | undefined
  /** What stands within it that is no pixels. */
  readonly areas: readonly Buffer[]
}

/** Follows runs of bytes (TIFF 6.0, section 9) up to so many bytes. */
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

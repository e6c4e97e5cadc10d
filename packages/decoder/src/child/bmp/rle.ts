import type { Dib } from "./dib-header.ts"

/** Result of walking run-length codes. */
export interface RleWalk {
  /** Offset after the end mark; `undefined` where it is missing. */
  readonly end: number | undefined
  /** Whether no run exceeds its row, and none begins after the last row. */
  readonly isSound: boolean
}

/** Receives a pixel's palette index; rows count from the first stored one. */
export type PutIndex = (x: number, y: number, index: number) => void

/** Walks the runs of four or eight bits per pixel to the end of the bitmap. */
export function readRle(data: Buffer, { width, height, bits }: Dib, put?: PutIndex): RleWalk {
  let isSound = true
  let x = 0
  let y = 0
  const run = (count: number, indexAt: (k: number) => number) => {
    const within = y < height ? Math.min(count, width - x) : 0
    if (within < count) isSound = false
    if (put !== undefined) for (let k = 0; k < within; k++) put(x + k, y, indexAt(k))
    x = Math.min(width, x + count)
  }
  let offset = 0
  while (offset + 2 <= data.length) {
    const count = data[offset] ?? 0
    const second = data[offset + 1] ?? 0
    offset += 2
    if (count > 0) run(count, bits === 8 ? () => second : (k) => half(second, k))
    else if (second === 0) {
      x = 0
      y++
    } else if (second === 1) return { end: offset, isSound }
    else if (second === 2) {
      if (offset + 2 > data.length) break
      x += data[offset] ?? 0
      y += data[offset + 1] ?? 0
      offset += 2
      if (x > width || y > height) isSound = false
      x = Math.min(width, x)
    } else {
      const from = offset
      offset += Math.ceil((second * bits) / 16) * 2
      if (offset > data.length) break
      run(second, bits === 8 ? (k) => data[from + k] ?? 0 : (k) => half(data[from + (k >> 1)] ?? 0, k))
    }
  }
  return { end: undefined, isSound: false }
}

/** The first of two pixels is in the upper half of a byte. */
function half(byte: number, k: number): number {
  return k % 2 === 0 ? byte >> 4 : byte & 15
}

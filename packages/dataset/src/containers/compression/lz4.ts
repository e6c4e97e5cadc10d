/** A block of LZ4 is damaged, or inflates beyond its output. */
export class Lz4Error extends Error {}

/**
 * Inflates one LZ4 block into an output that may already hold earlier blocks, which it may refer to.
 *
 * Source: lz4, `lz4_Block_format.md`.
 *
 * @param start - Where its bytes go.
 * @returns the position behind them.
 * @throws {Lz4Error}
 */
export function inflateLz4Block(bytes: Uint8Array, output: Uint8Array, start = 0): number {
  let at = 0
  let length = start
  const more = (first: number): number => {
    let count = first
    if (first !== 15) return count
    for (;;) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Lz4Error("cut short")
      count += byte
      if (byte !== 255) return count
    }
  }
  while (at < bytes.length) {
    const token = bytes[at++] ?? 0
    const literals = more(token >> 4)
    if (at + literals > bytes.length || length + literals > output.length) throw new Lz4Error("too long")
    output.set(bytes.subarray(at, at + literals), length)
    at += literals
    length += literals
    if (at === bytes.length) break
    const offset = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
    at += 2
    const copied = more(token & 15) + 4
    if (offset === 0 || offset > length || length + copied > output.length) throw new Lz4Error("out of range")
    if (offset >= copied) output.copyWithin(length, length - offset, length - offset + copied)
    else for (let index = 0; index < copied; index++) output[length + index] = output[length - offset + index] ?? 0
    length += copied
  }
  return length
}

/** A match is four bytes at least, begins twelve before the end at the latest, and leaves five literals behind it. */
const MIN_MATCH = 4
const MATCH_MARGIN = 12
const LAST_LITERALS = 5
const HASH_BITS = 14

/** Compresses bytes to one LZ4 block that refers to nothing before it. */
export function deflateLz4Block(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const output = Buffer.allocUnsafe(bytes.length + Math.ceil(bytes.length / 255) + 16)
  const seen = new Int32Array(2 ** HASH_BITS).fill(-1)
  let written = 0
  let anchor = 0
  const length = (count: number): void => {
    let rest = count - 15
    for (; rest >= 255; rest -= 255) output[written++] = 255
    if (rest >= 0) output[written++] = rest
  }
  const literals = (end: number, match: number): void => {
    const count = end - anchor
    output[written++] = (Math.min(15, count) << 4) | Math.min(15, match)
    length(count)
    output.set(bytes.subarray(anchor, end), written)
    written += count
  }
  for (let at = 0; at + MATCH_MARGIN <= bytes.length; ) {
    const word = view.getUint32(at, true)
    const slot = Math.imul(word, 2654435761) >>> (32 - HASH_BITS)
    const before = seen[slot] ?? -1
    seen[slot] = at
    if (before === -1 || at - before > 0xffff || view.getUint32(before, true) !== word) {
      at++
      continue
    }
    let count = MIN_MATCH
    const most = bytes.length - LAST_LITERALS - at
    while (count < most && bytes[before + count] === bytes[at + count]) count++
    literals(at, count - MIN_MATCH)
    output[written++] = (at - before) & 0xff
    output[written++] = (at - before) >> 8
    length(count - MIN_MATCH)
    at += count
    anchor = at
  }
  literals(bytes.length, 0)
  return output.subarray(0, written)
}

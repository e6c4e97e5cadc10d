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

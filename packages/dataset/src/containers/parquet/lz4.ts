import { malformed } from "./malformed.ts"

/**
 * Inflates one LZ4 block, of at most `maxLength` bytes.
 *
 * Source: lz4, `lz4_Block_format.md`.
 *
 * @throws {ShardError} `shard_malformed`
 */
export function inflateLz4Block(bytes: Uint8Array, maxLength: number): Uint8Array {
  const output = new Uint8Array(maxLength)
  let at = 0
  let length = 0
  const more = (start: number): number => {
    let count = start
    if (start !== 15) return count
    for (;;) {
      const byte = bytes[at++]
      if (byte === undefined) throw malformed()
      count += byte
      if (byte !== 255) return count
    }
  }
  while (at < bytes.length) {
    const token = bytes[at++] ?? 0
    const literals = more(token >> 4)
    if (at + literals > bytes.length || length + literals > maxLength) throw malformed()
    output.set(bytes.subarray(at, at + literals), length)
    at += literals
    length += literals
    if (at === bytes.length) break
    const offset = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
    at += 2
    const copied = more(token & 15) + 4
    if (offset === 0 || offset > length || length + copied > maxLength) throw malformed()
    for (let index = 0; index < copied; index++) output[length + index] = output[length - offset + index] ?? 0
    length += copied
  }
  return output.subarray(0, length)
}

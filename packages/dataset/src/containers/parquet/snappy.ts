/**
 * Inflates snappy blocks.
 *
 * Source: google/snappy, `format_description.txt`.
 * @module
 */

/** Copied faster by the engine than byte by byte. */
const LONG = 128

/**
 * Inflates a block.
 *
 * @param output - Of exactly the length that the block states.
 * @returns whether the block is sound and fills the output.
 */
export function inflateSnappy(input: Uint8Array, output: Uint8Array): boolean {
  const { length } = input
  const size = output.length
  let at = 0
  while (at < 5 && (input[at] ?? 0) >= 0x80) at++
  at++
  let to = 0
  while (at < length) {
    const tag = input[at++] as number
    let count = (tag >>> 2) + 1
    if ((tag & 3) === 0) {
      if (count > 60) {
        const lengthBytes = count - 60
        count = 1
        for (let index = 0; index < lengthBytes; index++) count += (input[at + index] ?? 0) * 2 ** (8 * index)
        at += lengthBytes
      }
      if (at + count > length || to + count > size) return false
      if (count > LONG) {
        output.set(input.subarray(at, at + count), to)
        to += count
        at += count
      } else for (const end = at + count; at < end; ) output[to++] = input[at++] as number
      continue
    }
    let back = 0
    if ((tag & 3) === 1) {
      count = ((tag >>> 2) & 7) + 4
      back = ((tag >>> 5) << 8) | (input[at] ?? 0)
      at++
    } else {
      back = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8)
      at += 2
      if ((tag & 3) === 3) {
        back = (back | ((input[at] ?? 0) << 16) | ((input[at + 1] ?? 0) << 24)) >>> 0
        at += 2
      }
    }
    if (back === 0 || back > to || at > length || to + count > size) return false
    for (const end = to + count; to < end; to++) output[to] = output[to - back] as number
  }
  return to === size
}

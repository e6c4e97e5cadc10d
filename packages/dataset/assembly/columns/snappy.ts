/**
 * Inflates Snappy blocks.
 *
 * Source: google/snappy, `format_description.txt`.
 */

/**
 * Inflates a block to exactly the length that is expected. Both regions have room for a vector behind their ends.
 * Returns whether the block is sound.
 */
export function inflateSnappy(input: usize, inputBytes: u32, output: usize, outputBytes: u32): bool {
  const inputEnd = input + inputBytes
  const outputEnd = output + outputBytes
  let at = input
  while (at < inputEnd && at < input + 5 && load<u8>(at) >= 0x80) at++
  at++
  let to = output
  while (at < inputEnd) {
    const tag: u32 = load<u8>(at++)
    let count: usize = (tag >>> 2) + 1
    const kind = tag & 3
    if (kind === 0) {
      if (count > 60) {
        const extra = count - 60
        if (extra > <usize>(inputEnd - at)) return false
        count = load<u32>(at) & (<u32>0xffffffff >>> ((4 - <u32>extra) << 3))
        // A literal of 4 GiB would be longer than any block.
        if (count === 0xffffffff) return false
        count++
        at += extra
      }
      if (count > <usize>(inputEnd - at) || count > <usize>(outputEnd - to)) return false
      if (count <= 16) v128.store(to, v128.load(at))
      else if (count <= 512) copyVectors(to, at, count)
      else memory.copy(to, at, count)
      at += count
      to += count
      continue
    }
    let back: usize
    if (kind === 1) {
      count = ((tag >>> 2) & 7) + 4
      back = ((tag >>> 5) << 8) | load<u8>(at)
      at += 1
    } else if (kind === 2) {
      back = load<u16>(at)
      at += 2
    } else {
      back = load<u32>(at)
      at += 4
    }
    if (at > inputEnd || back === 0 || back > <usize>(to - output) || count > <usize>(outputEnd - to)) return false
    const from = to - back
    if (back >= 16) copyVectors(to, from, count)
    else if (back >= 8) copyWords(to, from, count)
    else for (let index: usize = 0; index < count; index++) store<u8>(to + index, load<u8>(from + index))
    to += count
  }
  return to === outputEnd
}

// @ts-ignore: decorator
@inline
function copyVectors(to: usize, from: usize, count: usize): void {
  for (let index: usize = 0; index < count; index += 16) v128.store(to + index, v128.load(from + index))
}

// @ts-ignore: decorator
@inline
function copyWords(to: usize, from: usize, count: usize): void {
  for (let index: usize = 0; index < count; index += 8) store<u64>(to + index, load<u64>(from + index))
}

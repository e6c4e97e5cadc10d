/**
 * Memory of the module: regions one behind the other, none of which is given back.
 */

/** Vectors are read and written up to so many bytes past the end of a region's contents. */
const SLACK: u32 = 64

let next: usize = (__heap_base + 63) & ~63

/** Reserves a region; its address is a multiple of 64. Returns 0 where the memory does not suffice. */
export function allocate(bytes: u32): usize {
  const at = next
  const end = <u64>at + <u64>bytes + SLACK
  if (end > 0xffff0000) return 0
  const pages = <i32>((end + 0xffff) >>> 16) - memory.size()
  if (pages > 0 && memory.grow(pages) < 0) return 0
  next = (<usize>end + 63) & ~63
  return at
}

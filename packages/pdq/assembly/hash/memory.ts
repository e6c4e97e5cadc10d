/** Memory of the module: fixed matrices as static data, everything that depends on a picture's size above them. */

/** The 64x64 matrix, f32, row by row. Both kernels write it, the transform reads it. */
export const SMALL: usize = memory.data(64 * 64 * 4, 16)

/** Where the regions of the present picture end; above 4 GiB if they do not fit at all. */
let end: u64 = 0

/** Forgets the regions of the picture before. */
export function releaseRegions(): void {
  end = ((<u64>__heap_base) + 63) & ~63
}

/** Reserves a region for the present picture, aligned to 64 bytes. May be touched only after `growToRegions`. */
export function reserveRegion(sizeBytes: u64): usize {
  const start = end
  end = (start + sizeBytes + 63) & ~63
  return <usize>start
}

/** Grows the memory to hold all regions reserved. Answers false if it cannot. */
export function growToRegions(): bool {
  const pages = (end + 0xffff) >> 16
  const present = <u64>memory.size()
  if (pages <= present) return true
  if (pages > 0xffff) return false
  return memory.grow(<i32>(pages - present)) >= 0
}

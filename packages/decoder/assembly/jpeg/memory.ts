/** Layout of the module's memory: fixed tables, then the bytes to walk, then the state of scans or the pixels. */

/** Quantisation steps of the first coefficient, 4 of 32 bits. */
export const STEPS: usize = 1024
/** Components, 4 of 64 bytes; see `frame.ts`. */
export const COMPONENTS: usize = 1088
/** All steps of the quantisation tables in the order of rows, 4 x 64 of 16 bits; see `pixels/steps.ts`. */
export const ROWS_OF_STEPS: usize = 1408
/** Whether each of those tables is defined, 4 of 32 bits. */
export const HAS_STEPS: usize = 1920
/** Offset of each coefficient of the file's order in a block, 64 of 8 bits; see `pixels/order.ts`. */
export const ORDER: usize = 1936
/** The coefficients of one block, 64 of 16 bits, and where they are transformed; see `pixels/inverse.ts`. */
export const BLOCK: usize = 2048
export const TURNED: usize = BLOCK + 128
/** Huffman tables, 4 for first coefficients, then 4 for the others; see `huffman.ts`. */
export const TABLES: usize = 4096
/** Bytes of one Huffman table. */
export const TABLE_BYTES: usize = 40960
/** Where look-ups of several symbols are built; see `several.ts`. */
export const LEVELS: usize = TABLES + 8 * TABLE_BYTES
/** Segments found: kind, start and end, 12 bytes each. */
export const SEGMENTS: usize = LEVELS + 16384
/** Most segments of a picture. */
export const MAX_SEGMENTS: u32 = 8192
/** The bytes to walk, followed by two end-of-image markers, so that nothing reads past them. */
export const BYTES: usize = SEGMENTS + 12 * <usize>MAX_SEGMENTS
/** Bytes after the walked ones. */
export const SENTINEL_BYTES: usize = 16

/** Grows the memory up to an address. Returns whether that succeeded. */
export function grow(end: usize): bool {
  const more = <i32>((end + 0xffff) >>> 16) - memory.size()
  return more <= 0 || memory.grow(more) >= 0
}

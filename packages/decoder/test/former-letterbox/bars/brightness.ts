/** The hash's weights of red, green and blue, which add up to {@link UNIT}. */
const RED = 77
const GREEN = 150
const BLUE = 29

/** Parts into which each of the 256 brightness steps is divided. */
export const UNIT = 256

/** Brightness of the pixel at a byte offset, in 256ths. */
export function unitsAt(data: Uint8Array, offset: number): number {
  return RED * (data[offset] ?? 0) + GREEN * (data[offset + 1] ?? 0) + BLUE * (data[offset + 2] ?? 0)
}

/** The hash's own weights of red, green and blue, which add up to {@link UNIT}. */
const RED = 77
const GREEN = 150
const BLUE = 29

/** Brightness of a pixel is counted in so many parts of one of 256 steps. */
export const UNIT = 256

/** Brightness of a pixel at a byte, in 256ths. */
export function unitsAt(data: Uint8Array, offset: number): number {
  return RED * (data[offset] ?? 0) + GREEN * (data[offset + 1] ?? 0) + BLUE * (data[offset + 2] ?? 0)
}

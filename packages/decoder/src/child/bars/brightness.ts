/** The hash's own weights of red, green and blue, which add up to {@link UNIT}. */
const RED = 77
const GREEN = 150
const BLUE = 29

/** Brightness of a pixel is counted in so many parts of one of 256 steps. */
export const UNIT = 256

/** Brightness of a pixel at a byte, in 256ths. */
export function unitsAt(data: Uint8Array, at: number): number {
  return RED * (data[at] ?? 0) + GREEN * (data[at + 1] ?? 0) + BLUE * (data[at + 2] ?? 0)
}

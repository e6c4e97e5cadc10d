/**
 * The eight dihedral orientations, in the order of every list of eight hashes. `rotate90` is counter-clockwise, `flipX`
 * is top-bottom, `flipY` is left-right (mirror), `flipPlus1` transposes on the main diagonal, `flipMinus1` on the
 * other. Core deliberately repeats these names, because this package imports nothing.
 */
export const DIHEDRAL_NAMES = [
  "original",
  "rotate90",
  "rotate180",
  "rotate270",
  "flipX",
  "flipY",
  "flipPlus1",
  "flipMinus1",
] as const

/** One of the eight dihedral orientations. */
export type DihedralName = (typeof DIHEDRAL_NAMES)[number]

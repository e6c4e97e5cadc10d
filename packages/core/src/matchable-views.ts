import { compact } from "./compact.ts"
import type { Picture } from "./fingerprint.ts"

/** Number of frames, from the first, that keep the hashes of all their orientations. */
const TURNED_FRAMES = 50

/** The hashes of a picture that are needed to match it again without the picture. */
export function matchableViews({ views }: Picture) {
  return views.map(({ frame, background, crop, pdq, quality, dihedral }) =>
    compact({
      frame,
      background,
      crop,
      pdq,
      quality,
      dihedral: frame < TURNED_FRAMES ? [...dihedral] : undefined,
    }),
  )
}

import { compact } from "./compact.ts"
import type { Picture } from "./fingerprint.ts"

/** So many frames keep the hashes of all their orientations: of a film of a thousand frames only the first few. */
const TURNED_FRAMES = 50

/** The hashes of a picture, enough to match it again without the picture. */
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

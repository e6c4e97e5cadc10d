import type { Fingerprint } from "@nightlight/core"
import type { PictureResult } from "./picture.ts"

/**
 * Adds to an item's fingerprint the result for another part of it: frames are appended, and the first cause is kept.
 */
export function mergeFingerprint(fingerprint: Fingerprint, seen: PictureResult): Fingerprint {
  const cause = fingerprint.inconclusive ?? seen.inconclusive
  const all = cause === undefined ? fingerprint : { ...fingerprint, inconclusive: cause }
  if (seen.picture === undefined) return all
  const { picture } = fingerprint
  if (picture === undefined) return { ...all, picture: seen.picture }
  const later = seen.picture.views.map((view) => ({ ...view, frame: view.frame + picture.frames }))
  const frames = picture.frames + seen.picture.frames
  return { ...all, picture: { ...picture, frames, views: [...picture.views, ...later] } }
}

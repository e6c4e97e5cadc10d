import type { Background, PdqKernel, PdqProfile, PictureView } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { HASH_BYTES, type Hasher, type PixelRectangle } from "@nightlight/pdq"
import { composeOnGrey, isOpaque } from "./alpha.ts"
import { findLetterboxes } from "./letterbox.ts"
import type { Pixels } from "./pixels.ts"
import { rotatePixels } from "./rotate-pixels.ts"

const GROUNDS = [
  ["white", 255],
  ["black", 0],
  ["grey", 128],
] as const

/** Hashes a frame in every view in which a listed picture may appear. */
export interface Viewer {
  /**
   * Returns the views of one frame: with alpha dropped and, where it has transparent pixels, on white, black and grey;
   * each whole and, where it has bars, without them in every reading; and all of them again turned by EXIF. A view with
   * an already known hash is left out.
   *
   * @param orientation - EXIF orientation, 1 to 8.
   */
  view(pixels: Pixels, frame: number, orientation: number): PictureView[]
}

/** Wraps a hasher. Every hash has the given profile and kernel. */
export function createViewer(
  hasher: Hasher,
  { profile, kernel }: { readonly profile: PdqProfile; readonly kernel: PdqKernel },
): Viewer {
  return {
    view(stored, frame, orientation) {
      const views: PictureView[] = []
      let isTurned = false
      const add = (seen: Pixels, background: Background, crop?: PixelRectangle) => {
        const { data, width, height, channels } = seen
        const options = { width, height, channels, profile, kernel, dihedral: true, crop }
        const { hash, quality, dihedral = new Uint8Array(8 * HASH_BYTES) } = hasher.hash(data, options)
        const pdq = toHex(hash)
        if (views.some((view) => view.pdq === pdq)) return
        const others = Array.from({ length: 7 }, (_, i) => toHex(dihedral, i + 1))
        views.push(
          compact({
            frame,
            background,
            crop: crop === undefined ? "none" : "letterbox",
            isTurned: isTurned || undefined,
            pdq,
            quality,
            dihedral: [pdq, ...others],
          }),
        )
      }
      const addBoth = (seen: Pixels, background: Background) => {
        add(seen, background)
        for (const inner of findLetterboxes(seen)) add(seen, background, inner)
      }
      const addAll = (pixels: Pixels) => {
        addBoth(pixels, "dropped")
        if (pixels.channels === 3 || isOpaque(pixels.data)) return
        for (const [background, ground] of GROUNDS) {
          const laid = composeOnGrey(pixels, ground)
          addBoth(laid, background)
          laid.release()
        }
      }
      addAll(stored)
      if (orientation !== 1) {
        // Turning the hash gives a near but not an equal hash where width and height differ.
        isTurned = true
        const shown = rotatePixels(stored, orientation)
        addAll(shown)
        shown.release()
      }
      return views
    },
  }
}

/** Writes one of several consecutive hashes as text; Node's writer is several times faster than `toHex`. */
function toHex({ buffer, byteOffset }: Uint8Array, position = 0): string {
  return Buffer.from(buffer, byteOffset + position * HASH_BYTES, HASH_BYTES).toString("hex")
}

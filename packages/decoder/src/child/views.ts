import type { Background, PdqKernel, PdqProfile, PictureView } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { HASH_BYTES, type Hasher, type PixelRectangle } from "@nightlight/pdq"
import { isOpaque, layOn } from "./alpha.ts"
import { findLetterboxes } from "./letterbox.ts"
import type { Pixels } from "./pixels.ts"
import { turned } from "./turn.ts"

const GROUNDS = [
  ["white", 255],
  ["black", 0],
  ["grey", 128],
] as const

/** Hashes a frame in every view that a listed picture may show in. */
export interface Viewer {
  /**
   * The views of one frame: alpha dropped; where it has transparent pixels, on white, black and grey; each whole and,
   * where bars surround it, without them, in every way in which they may be read; all of it once more turned as EXIF
   * asks for. A view that gives a hash already seen is left out.
   *
   * @param orientation - EXIF orientation, 1 to 8.
   */
  view(pixels: Pixels, frame: number, orientation: number): PictureView[]
}

/** Wraps a hasher. Every hash is of that profile and kernel. */
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
          const laid = layOn(pixels, ground)
          addBoth(laid, background)
          laid.release()
        }
      }
      addAll(stored)
      if (orientation !== 1) {
        // The hash's own turning is near, but not the same, where width and height differ.
        isTurned = true
        const shown = turned(stored, orientation)
        addAll(shown)
        shown.release()
      }
      return views
    },
  }
}

/** Writes one of several hashes that follow one another as text; Node's writer is several times faster than `toHex`. */
function toHex({ buffer, byteOffset }: Uint8Array, position = 0): string {
  return Buffer.from(buffer, byteOffset + position * HASH_BYTES, HASH_BYTES).toString("hex")
}

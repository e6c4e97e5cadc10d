/**
 * PDQ in plain TypeScript without WebAssembly: slow, short, and bit for bit equal to the exact kernel.
 *
 * The oracle of the tests, and a fallback where WebAssembly SIMD is missing.
 * @module
 */
import { HASH_BYTES } from "./hash.ts"
import { checkPicture, isStretched, MIN_SIDE, NEAREST_SIDE, type Picture } from "./picture.ts"
import { downscale, readLuma, SIDE } from "./reference/downscale.ts"
import { bitsOf, dihedralOf, qualityOf, transform } from "./reference/transform.ts"
import type { HashOptions, PdqHash } from "./types.ts"

/**
 * Hashes a picture.
 *
 * @param pixels - width x height x channels bytes, row by row from the top, no padding. Not modified.
 * @param options - `kernel` is ignored, because this is always the exact computation.
 * @throws {PdqError} `pixels_malformed` if the pixels do not fit their description.
 */
export function hashByReference(pixels: Uint8Array, options: HashOptions): PdqHash {
  const picture = checkPicture(pixels, options)
  const { area, profile } = picture
  const dihedral = options.dihedral === true
  if (area.width < MIN_SIDE || area.height < MIN_SIDE) {
    const nothing = { hash: new Uint8Array(HASH_BYTES), quality: 0, profile, kernel: "exact" } as const
    return dihedral ? { ...nothing, dihedral: new Uint8Array(8 * HASH_BYTES) } : nothing
  }
  const columns = sourceOf(picture, area.left, area.width)
  const rows = sourceOf(picture, area.top, area.height)
  const luma = readLuma({ pixels, rowPixels: picture.rowPixels, channels: picture.channels, columns, rows })
  const unfiltered = columns.length === SIDE && rows.length === SIDE ? luma.slice() : undefined
  const filtered = unfiltered === undefined || dihedral ? downscale(luma, columns.length, rows.length) : luma
  const small = unfiltered ?? filtered
  const hash = { hash: bitsOf(transform(small)), quality: qualityOf(small), profile, kernel: "exact" } as const
  return dihedral ? { ...hash, dihedral: dihedralOf(transform(filtered)) } : hash
}

/** Source index of every hashed column or row. */
function sourceOf(picture: Picture, start: number, length: number): Uint32Array {
  if (!isStretched(picture)) return Uint32Array.from({ length }, (_, index) => start + index)
  return Uint32Array.from({ length: NEAREST_SIDE }, (_, index) => start + Math.floor((index * length) / NEAREST_SIDE))
}

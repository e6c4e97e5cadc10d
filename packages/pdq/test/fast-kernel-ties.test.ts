import type { TestPicture } from "@nightlight/dev-env/pdq/pictures"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createHasher, hammingDistance, MATCH_MIN_QUALITY } from "../src/index.ts"
import { PATTERNS, patternPicture, patternPictures } from "./support/patterns.ts"
import { syntheticPixels, syntheticVectors } from "./support/synthetic.ts"

const hasher = createHasher()
const LONG = process.env["NIGHTLIGHT_LONG"] !== undefined

/** Greatest distance between the kernels over the upright hash and the eight orientations. */
function furthest({ pixels, ...shape }: TestPicture): number {
  const exact = hasher.hash(pixels, { ...shape, dihedral: true })
  const fast = hasher.hash(pixels, { ...shape, dihedral: true, kernel: "fast" })
  const upright = hasher.hash(pixels, { ...shape, kernel: "fast" })
  expect(fast.kernel).toBe("fast")
  expect(fast.quality >= MATCH_MIN_QUALITY).toBe(exact.quality >= MATCH_MIN_QUALITY)
  const distances = Array.from({ length: 8 }, (_, index) =>
    hammingDistance(
      fast.dihedral!.subarray(index * 32, index * 32 + 32),
      exact.dihedral!.subarray(index * 32, index * 32 + 32),
    ),
  )
  return Math.max(hammingDistance(upright.hash, exact.hash), hammingDistance(fast.hash, exact.hash), ...distances)
}

describe("the fast kernel on terms that differ only by rounding", () => {
  it.each(syntheticVectors())("stays within 4 bits in every orientation of $name", (vector) => {
    const { width, height } = vector
    expect(furthest({ pixels: syntheticPixels(vector), width, height, channels: 3 })).toBeLessThanOrEqual(4)
  })

  it.each(Object.keys(PATTERNS))("stays within 4 bits in every orientation on %s", { timeout: 180_000 }, (name) => {
    for (const [width, height] of [
      [127, 129],
      [256, 256],
      [511, 513],
    ] as const) {
      for (const period of [2, 5, 16]) {
        const options = { period, part: 0.4, dark: 25, light: 230 }
        expect(furthest(patternPicture(name, { width, height, channels: 3 }, options))).toBeLessThanOrEqual(4)
      }
    }
  })

  it("stays within 4 bits in every orientation on any symmetric or periodic picture", { timeout: 900_000 }, () => {
    fc.assert(
      fc.property(patternPictures(LONG ? 1_400 : 300), (picture) => {
        expect(furthest(picture)).toBeLessThanOrEqual(4)
      }),
      { numRuns: LONG ? 3_000 : 150 },
    )
  })

  it.each([
    [64, 2_000],
    [2_000, 64],
    [90, 3_333],
  ])("stays within 4 bits on patterns of %i x %i, which have the longest sums", (width, height) => {
    for (const name of Object.keys(PATTERNS)) {
      const picture = patternPicture(
        name,
        { width, height, channels: 1 },
        { period: 7, part: 0.3, dark: 0, light: 255 },
      )
      expect(furthest(picture)).toBeLessThanOrEqual(4)
    }
  })
})

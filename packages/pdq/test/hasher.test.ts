import { noisePicture, scenePicture, type TestPicture } from "@nightlight/dev-env/pdq/pictures"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createHasher, type HashOptions, hammingDistance, type PixelRectangle } from "../src/index.ts"
import { hashByReference } from "../src/reference.ts"

const hasher = createHasher()
const LONG = process.env["NIGHTLIGHT_LONG"] !== undefined

/** Sides at the limits of windows, groups of four and blocks of eight. */
const EDGE_SIDES = [5, 6, 7, 8, 9, 63, 64, 65, 127, 128, 129, 191, 255, 256, 257, 383, 385]

const sides = fc.oneof(fc.constantFrom(...EDGE_SIDES), fc.integer({ min: 5, max: 320 }))
const channelCounts = fc.constantFrom(1 as const, 3 as const, 4 as const)
const pictures = fc
  .record({ seed: fc.integer(), width: sides, height: sides, channels: channelCounts })
  .map(({ seed, ...shape }) => noisePicture(seed, shape))

/** A rectangle inside a picture. */
function rectanglesIn({ width, height }: TestPicture): fc.Arbitrary<PixelRectangle> {
  return fc.record({ left: fc.nat(width - 1), top: fc.nat(height - 1) }).chain(({ left, top }) =>
    fc.record({
      left: fc.constant(left),
      top: fc.constant(top),
      width: fc.integer({ min: 1, max: width - left }),
      height: fc.integer({ min: 1, max: height - top }),
    }),
  )
}

function hashOf({ pixels, ...shape }: TestPicture, options: Partial<HashOptions> = {}) {
  return hasher.hash(pixels, { ...shape, ...options })
}

function expectLikeTwin({ pixels, ...shape }: TestPicture, options: Partial<HashOptions> = {}): void {
  const all = { ...shape, dihedral: true, ...options }
  expect(hasher.hash(pixels, all)).toEqual(hashByReference(pixels, all))
}

describe("the exact kernel equals the TypeScript twin", () => {
  it("on pictures of any size and channel layout", { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(pictures, (picture) => expectLikeTwin(picture)),
      { numRuns: LONG ? 1_000 : 60 },
    )
  })

  it.each([
    [5, 20_000],
    [20_000, 5],
    [6, 9_001],
    [9_001, 6],
    [3_000, 70],
    [70, 3_000],
    [1_283, 721],
  ])("on %i x %i", (width, height) => {
    for (const channels of [1, 3, 4] as const) expectLikeTwin(noisePicture(width, { width, height, channels }))
  })

  it("on parts of pictures", { timeout: 600_000 }, () => {
    const cropped = pictures.chain((picture) => fc.tuple(fc.constant(picture), rectanglesIn(picture)))
    fc.assert(
      fc.property(cropped, ([picture, crop]) => expectLikeTwin(picture, { crop })),
      { numRuns: LONG ? 1_000 : 60 },
    )
  })

  it.each([
    [513, 100],
    [100, 513],
    [512, 512],
    [1_000, 700],
    [600, 5],
  ])("in profile ref512nn on %i x %i", (width, height) => {
    for (const channels of [1, 3, 4] as const) {
      const picture = noisePicture(height, { width, height, channels })
      expectLikeTwin(picture, { profile: "ref512nn" })
      expectLikeTwin(picture, {
        profile: "ref512nn",
        crop: { left: 3, top: 0, width: width - 7, height: height },
      })
    }
  })

  it("after pictures of other sizes, whatever they leave in memory", () => {
    const small = noisePicture(1, { width: 61, height: 333, channels: 3 })
    const large = noisePicture(2, { width: 1_500, height: 900, channels: 4 })
    for (const kernel of ["exact", "fast"] as const) {
      hashOf(large, { kernel })
      expectLikeTwin(small)
      hashOf(small, { kernel })
      expectLikeTwin(large)
    }
  })

  it("on flat pictures, where every term is a tie", () => {
    for (const shade of [0, 1, 128, 255]) {
      const pixels = new Uint8Array(100 * 37 * 3).fill(shade)
      expectLikeTwin({ pixels, width: 100, height: 37, channels: 3 })
    }
  })
})

describe("a part of a picture", () => {
  it("has the same hash as a copy of the part, with either kernel", () => {
    const picture = scenePicture(7, { width: 301, height: 222, channels: 3 })
    const crop = { left: 17, top: 31, width: 203, height: 150 }
    const rows = Array.from({ length: crop.height }, (_, y) => {
      const from = ((crop.top + y) * picture.width + crop.left) * 3
      return picture.pixels.subarray(from, from + crop.width * 3)
    })
    const copy: TestPicture = { pixels: new Uint8Array(Buffer.concat(rows)), width: 203, height: 150, channels: 3 }
    for (const kernel of ["exact", "fast"] as const) {
      expect(hashOf(picture, { kernel, crop, dihedral: true })).toEqual(hashOf(copy, { kernel, dihedral: true }))
    }
  })
})

describe("alpha", () => {
  it("is ignored", () => {
    const opaque = scenePicture(3, { width: 90, height: 120, channels: 4 })
    const pixels = opaque.pixels.map((byte, index) => (index % 4 === 3 ? (index * 7) & 255 : byte))
    for (const kernel of ["exact", "fast"] as const) {
      expect(hashOf({ ...opaque, pixels }, { kernel })).toEqual(hashOf(opaque, { kernel }))
    }
  })
})

describe("pictures with a side below five", () => {
  it.each([
    [4, 100],
    [100, 4],
    [1, 1],
    [4, 600],
  ])("have no hash: %i x %i", (width, height) => {
    for (const profile of ["fullres", "ref512nn"] as const) {
      const got = hashOf(noisePicture(1, { width, height, channels: 3 }), { profile, dihedral: true })
      expect(got).toEqual({
        hash: new Uint8Array(32),
        quality: 0,
        profile,
        kernel: "exact",
        dihedral: new Uint8Array(256),
      })
    }
  })
})

describe("the eight orientations", () => {
  it("are computed only when requested", () => {
    expect(hashOf(noisePicture(1, { width: 80, height: 80, channels: 1 }))).not.toHaveProperty("dihedral")
  })

  it("are near the hashes of the actually turned and mirrored picture", () => {
    const side = 768
    const upright = scenePicture(11, { width: side, height: side, channels: 1 })
    const { dihedral } = hashOf(upright, { dihedral: true })
    const last = side - 1
    // Source of the pixel at row y, column x of the moved picture, in the order of DIHEDRAL_NAMES.
    const sources: ((y: number, x: number) => readonly [number, number])[] = [
      (y, x) => [y, x],
      (y, x) => [x, last - y],
      (y, x) => [last - y, last - x],
      (y, x) => [last - x, y],
      (y, x) => [last - y, x],
      (y, x) => [y, last - x],
      (y, x) => [x, y],
      (y, x) => [last - x, last - y],
    ]
    for (const [index, source] of sources.entries()) {
      const pixels = Uint8Array.from({ length: side * side }, (_, pixel) => {
        const [y, x] = source(Math.floor(pixel / side), pixel % side)
        return upright.pixels[y * side + x]!
      })
      const moved = hashOf({ ...upright, pixels }).hash
      // The filter's centre is not symmetric; a wrong orientation is near 128 bits away.
      expect(hammingDistance(moved, dihedral!.subarray(32 * index, 32 * index + 32))).toBeLessThanOrEqual(24)
    }
  })

  it("begin with the picture's own hash", () => {
    for (const kernel of ["exact", "fast"] as const) {
      const got = hashOf(scenePicture(5, { width: 123, height: 77, channels: 3 }), { kernel, dihedral: true })
      expect(got.dihedral!.subarray(0, 32)).toEqual(got.hash)
    }
  })
})

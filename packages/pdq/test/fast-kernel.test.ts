import { createRandom, noisePicture, scenePicture, type TestPicture } from "@nightlight/dev-env/pdq/pictures"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createHasher, type HashOptions, hammingDistance } from "../src/index.ts"
import { syntheticPixels, syntheticVectors } from "./support/synthetic.ts"

const hasher = createHasher()
const LONG = process.env["NIGHTLIGHT_LONG"] !== undefined

function distanceBetweenKernels({ pixels, ...shape }: TestPicture, options: Partial<HashOptions> = {}): number {
  const exact = hasher.hash(pixels, { ...shape, ...options, kernel: "exact" })
  const fast = hasher.hash(pixels, { ...shape, ...options, kernel: "fast" })
  expect([exact.kernel, fast.kernel]).toEqual(["exact", "fast"])
  expect(Math.abs(exact.quality - fast.quality)).toBeLessThanOrEqual(1)
  return hammingDistance(exact.hash, fast.hash)
}

describe("the fast kernel", () => {
  it("gives the exact kernel's hash on 999 of 1,000 scenes (200 in a short run), and is never more than 4 bits away", {
    timeout: 900_000,
  }, () => {
    const random = createRandom(20)
    const count = LONG ? 5_000 : 200
    const side = () => 20 + Math.floor(random() * 300)
    const distances = Array.from({ length: count }, (_, seed) => {
      const channels = ([1, 3, 4] as const)[seed % 3]!
      return distanceBetweenKernels(scenePicture(seed, { width: side(), height: side(), channels }))
    })
    expect(Math.max(...distances)).toBeLessThanOrEqual(4)
    expect(distances.filter((distance) => distance > 0).length).toBeLessThanOrEqual(count / 1000)
  })

  it("equals the exact kernel when a side is enlarged to 64 and terms are ties", () => {
    for (const [width, height] of [
      [8, 16],
      [16, 8],
      [8, 500],
      [63, 300],
    ] as const) {
      const picture = noisePicture(width, { width, height, channels: 3 })
      expect(distanceBetweenKernels(picture)).toBe(0)
    }
  })

  it("stays within 4 bits on noise of any size and channel layout", () => {
    const shape = fc.record({
      width: fc.integer({ min: 5, max: 400 }),
      height: fc.integer({ min: 5, max: 400 }),
      channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
    })
    fc.assert(
      fc.property(fc.integer(), shape, (seed, size) => {
        expect(distanceBetweenKernels(noisePicture(seed, size))).toBeLessThanOrEqual(4)
      }),
    )
  })

  // Windows of 16 and 17 rows use different loops, and so does a part at the lower edge.
  it.each([
    [2_048, 64],
    [64, 2_048],
    [2_049, 90],
    [90, 2_049],
    [300, 2_176],
    [300, 2_177],
    [2_177, 1_100],
    [64, 20_000],
    [20_000, 64],
  ])("stays within 4 bits on %i x %i", (width, height) => {
    for (const channels of [1, 3, 4] as const) {
      expect(distanceBetweenKernels(noisePicture(width, { width, height, channels }))).toBeLessThanOrEqual(4)
    }
  })

  it("stays within 4 bits when a window is too long for integer sums", () => {
    expect(distanceBetweenKernels(noisePicture(1, { width: 64, height: 263_000, channels: 1 }))).toBeLessThanOrEqual(4)
  })

  it("stays within 4 bits in profile ref512nn and in all orientations", () => {
    const picture = scenePicture(3, { width: 700, height: 530, channels: 3 })
    expect(distanceBetweenKernels(picture, { profile: "ref512nn" })).toBeLessThanOrEqual(4)
    const { pixels, ...shape } = picture
    const exact = hasher.hash(pixels, { ...shape, dihedral: true })
    const fast = hasher.hash(pixels, { ...shape, dihedral: true, kernel: "fast" })
    for (let offset = 0; offset < 256; offset += 32) {
      const distance = hammingDistance(
        exact.dihedral!.subarray(offset, offset + 32),
        fast.dihedral!.subarray(offset, offset + 32),
      )
      expect(distance).toBeLessThanOrEqual(4)
    }
  })

  it("equals the exact kernel on pictures of 64 x 64, which neither kernel filters", () => {
    for (const vector of syntheticVectors().filter(({ width, height }) => width === 64 && height === 64)) {
      const shape = { width: 64, height: 64, channels: 3, dihedral: true } as const
      const pixels = syntheticPixels(vector)
      const { kernel, ...fast } = hasher.hash(pixels, { ...shape, kernel: "fast" })
      expect(kernel).toBe("fast")
      expect(hasher.hash(pixels, shape)).toMatchObject(fast)
    }
  })
})

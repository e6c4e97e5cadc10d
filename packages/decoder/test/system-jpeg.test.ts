import type { PdqKernel, PdqProfile, PictureView } from "@nightlight/core"
import { ISOLATIONS } from "@nightlight/core"
import { skipUnlessGranted } from "@nightlight/dev-env/machine/isolations"
import { fromHex, hammingDistance } from "@nightlight/pdq"
import fc from "fast-check"
import sharp, { type JpegOptions } from "sharp"
import { describe, expect, it, onTestFinished } from "vitest"
import { decode } from "../src/child/decode.ts"
import { loadSystemJpeg, type SystemJpeg } from "../src/child/jpeg/system-jpeg.ts"
import { loadTurboLibrary } from "../src/child/jpeg/turbo-library.ts"
import { walkJpeg } from "../src/child/jpeg-walk.ts"
import { createPictureReader } from "../src/child/picture.ts"
import { DEFAULT_LIMITS } from "../src/limits.ts"
import { randomJpeg } from "./jpeg-writer.ts"
import { generator, scene, toSharp } from "./pictures.ts"
import { withSegments } from "./placements.ts"
import { openTestDecoder } from "./support.ts"

const found = loadSystemJpeg()
const MAX_PIXELS = 100_000_000
const PLAIN = [
  [0x11],
  [0x11, 0x11, 0x11],
  [0x21, 0x11, 0x11],
  [0x22, 0x11, 0x11],
  [0x12, 0x11, 0x11],
  [0x41, 0x11, 0x11],
]
const FORMS: readonly JpegOptions[] = [
  { quality: 8 },
  { quality: 60, chromaSubsampling: "4:4:4" },
  { quality: 90, optimiseCoding: false },
  { quality: 75, progressive: true },
  { quality: 98, progressive: true, chromaSubsampling: "4:4:4" },
  { mozjpeg: true },
]
const SIZES = [
  [256, 192],
  [131, 77],
  [17, 33],
  [9, 250],
  [1, 1],
] as const

async function bySharp(bytes: Uint8Array): Promise<Uint8Array> {
  const decoded = await decode(bytes, { failOn: "warning", limitInputPixels: MAX_PIXELS })
  if (typeof decoded === "string" || decoded.isDamaged) throw new Error("expected sharp to read it without a warning")
  return decoded.pixels.data
}

/** Offset of a marker's second byte in front of the coded data. */
const markerAt = (jpeg: Buffer, marker: number) => jpeg.indexOf(Buffer.from([0xff, marker])) + 1

it("without the right library, sharp decodes every JPEG", () => {
  expect(loadTurboLibrary("libnightlight-nothing.so.0")).toBeUndefined()
  expect(loadTurboLibrary("libc.so.6")).toBeUndefined()
})

describe.skipIf(found === undefined)("the system's JPEG decoder (skipped where libturbojpeg0 is not installed)", () => {
  const systemJpeg = found as SystemJpeg

  it("gives exactly sharp's pixels for encoders' JPEGs", async () => {
    for (const [width, height] of SIZES) {
      for (const options of FORMS) {
        for (const colours of ["srgb", "b-w"] as const) {
          const pipeline = toSharp(scene(width, width, height)).toColourspace(colours)
          const jpeg = await pipeline.jpeg(options).toBuffer()
          const pixels = await systemJpeg(jpeg, MAX_PIXELS)
          expect(pixels).toMatchObject({ width, height, channels: 3 })
          expect(Buffer.compare(await bySharp(jpeg), pixels?.data ?? Buffer.alloc(0))).toBe(0)
        }
      }
    }
  })

  it("gives sharp's pixels in every subsampling, size and restart interval, even for colours outside RGB", async () => {
    const forms = fc.record({
      width: fc.integer({ min: 1, max: 90 }),
      height: fc.integer({ min: 1, max: 90 }),
      samplings: fc.constantFrom(...PLAIN),
      restartEvery: fc.constantFrom(0, 1, 2, 5, 40),
      quantiser: fc.integer({ min: 1, max: 120 }),
      seed: fc.nat(),
    })
    await fc.assert(
      fc.asyncProperty(forms, async ({ seed, ...form }) => {
        const jpeg = randomJpeg({ ...form, random: generator(seed) })
        expect(walkJpeg(jpeg).state).toBe("whole")
        const pixels = await systemJpeg(jpeg, MAX_PIXELS)
        expect(Buffer.compare(await bySharp(jpeg), pixels?.data ?? Buffer.alloc(0))).toBe(0)
      }),
      { numRuns: 80 },
    )
  })

  it("gives each of many concurrent decodes its own pixels", async () => {
    const jpegs = await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        toSharp(scene(i, 90 + i, 64))
          .jpeg()
          .toBuffer(),
      ),
    )
    const decoded = await Promise.all(jpegs.map((jpeg) => systemJpeg(jpeg, MAX_PIXELS)))
    for (const [i, jpeg] of jpegs.entries()) {
      expect(Buffer.compare(await bySharp(jpeg), decoded[i]?.data ?? Buffer.alloc(0))).toBe(0)
    }
  })

  it("leaves a JPEG that is not plain, is too large or causes a warning to sharp", async () => {
    const whole = await toSharp(scene(2, 64, 48))
      .jpeg()
      .toBuffer()
    const inks = await toSharp(scene(2, 64, 48))
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer()
    const random = { width: 20, height: 20, restartEvery: 0, quantiser: 8, random: generator(1) }
    const odd = randomJpeg({ ...random, samplings: [0x11, 0x22, 0x22] })
    const twelveBits = Buffer.from(whole)
    twelveBits[markerAt(whole, 0xc0) + 3] = 12
    const noHeight = Buffer.from(whole)
    noHeight.fill(0, markerAt(whole, 0xc0) + 4, markerAt(whole, 0xc0) + 6)
    const arithmetic = Buffer.from(whole)
    arithmetic[markerAt(whole, 0xc0)] = 0xc9
    const cut = whole.subarray(0, -40)
    for (const jpeg of [inks, odd, twelveBits, noHeight, arithmetic, cut, Buffer.from("\xff\xd8", "latin1")]) {
      expect(await systemJpeg(jpeg, MAX_PIXELS)).toBeUndefined()
    }
    expect(await systemJpeg(whole, 64 * 48 - 1)).toBeUndefined()
    expect(await systemJpeg(whole, 64 * 48)).toBeDefined()
  })

  it.for(ISOLATIONS)("is reported by a decoder that uses it (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    expect((await openTestDecoder({ isolation })).jpegDecoder).toBe("system")
  })
})

describe.skipIf(found === undefined)("a picture seen by either decoder", () => {
  const CASES: readonly (readonly [PdqProfile, PdqKernel])[] = [
    ["fullres", "fast"],
    ["fullres", "exact"],
    ["ref512nn", "exact"],
  ]

  it.each(CASES)("has the same views in all orientations, and equally near copies: %s, %s", async (profile, kernel) => {
    const files = await copies()
    onTestFinished(() => sharp.unblock({ operation: ["VipsForeignLoad", "VipsForeignSave"] }))
    const init = { profile, kernel, limits: DEFAULT_LIMITS }
    const plain = await createPictureReader(init, undefined)
    const fast = await createPictureReader(init, found)
    const deadline = performance.now() + 600_000
    const listed = viewsOf(await plain.read(files[0] ?? Buffer.alloc(0), "image/jpeg", deadline))
    for (const file of files) {
      const bySharp = await plain.read(file, "image/jpeg", deadline)
      const bySystem = await fast.read(file, "image/jpeg", deadline)
      expect(bySystem).toEqual(bySharp)
      expect(leastBits(viewsOf(bySystem), listed)).toBeLessThanOrEqual(31)
    }
  })
})

it("the system's JPEG decoder gets only JPEGs that were walked to their end and have no pixels yet", async () => {
  const plain = await toSharp(scene(6, 96, 72))
    .jpeg()
    .toBuffer()
  const whole = await toSharp(scene(6, 96, 72))
    .jpeg({ progressive: true })
    .toBuffer()
  const files = [
    plain,
    whole,
    whole.subarray(0, -30),
    Buffer.concat([whole.subarray(0, -2), Buffer.of(1, 2, 3, 0xff, 0xd9)]),
  ]
  onTestFinished(() => sharp.unblock({ operation: ["VipsForeignLoad", "VipsForeignSave"] }))
  const given: Uint8Array[] = []
  const init = { profile: "fullres", kernel: "fast", limits: DEFAULT_LIMITS } as const
  const reader = await createPictureReader(init, async (bytes) => {
    given.push(bytes)
    return undefined
  })
  for (const file of files) await reader.read(file, "image/jpeg", performance.now() + 600_000)
  expect(given).toEqual([whole])
})

/** A picture and copies of it: smaller, coarser, turned by EXIF, between bars, in grey. */
function copies(): Promise<Buffer[]> {
  const raw = scene(8, 560, 416)
  const upright = toSharp(raw).jpeg({ quality: 92 })
  const exif = Buffer.from("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", "latin1")
  return Promise.all([
    upright.toBuffer(),
    toSharp(raw).resize(301, 223).jpeg({ quality: 40 }).toBuffer(),
    toSharp(raw).jpeg({ quality: 60, progressive: true }).toBuffer(),
    toSharp(raw)
      .jpeg({ quality: 85 })
      .toBuffer()
      .then((jpeg) => withSegments(jpeg, [[0xe1, exif]])),
    toSharp(raw).extend({ top: 60, bottom: 60, background: "black" }).jpeg().toBuffer(),
    toSharp(raw).toColourspace("b-w").jpeg().toBuffer(),
  ])
}

function viewsOf(seen: { readonly picture?: { readonly views: readonly PictureView[] } | undefined }) {
  return seen.picture?.views ?? []
}

function leastBits(seen: readonly PictureView[], listed: readonly PictureView[]): number {
  const bits = seen.map((view) => hammingDistance(fromHex(view.pdq), fromHex(listed[0]?.pdq ?? "")))
  return Math.min(...bits)
}

import fc from "fast-check"
import sharp, { type Sharp } from "sharp"
import { describe, expect, it } from "vitest"
import { bitmapFrame, iconFrames } from "../src/child/bmp/frames.ts"
import { structureOf } from "../src/child/structure/structure-of.ts"
import { resolveLimits } from "../src/limits.ts"
import { type BitmapForm, bitmap, icon, iconBitmap, type Rgba } from "./bitmaps.ts"
import { scene, toSharp, withAlpha } from "./pictures.ts"
import { distance, fingerprintHere, firstView, nearest } from "./support.ts"

const raw = scene(31, 93, 70)
const png = await toSharp(raw).png().toBuffer()
const grey = await toSharp(raw).extractChannel("green").png().toBuffer()
const solid = await rgba(withAlpha(raw, () => 255))
const holed = withAlpha(raw, (x, y) => ((x - 40) ** 2 + (y - 30) ** 2 < 600 ? 255 : 0))
const clear = await rgba(holed.clone())
const holedPng = await holed.clone().png().toBuffer()
const black = await sharp(grey).threshold(128).png().toBuffer()
const host = toSharp(scene(8, 60, 40))
const hostJpeg = await host.clone().jpeg().toBuffer()
const hostBitmap = bitmap(await rgba(host), { bits: 24 })

async function rgba(picture: Sharp): Promise<Rgba> {
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

const COLOURS: readonly (readonly [string, BitmapForm])[] = [
  ["24 bits", { bits: 24 }],
  ["24 bits of OS/2", { header: 12, bits: 24 }],
  ["24 bits of OS/2, second version", { header: 64, bits: 24 }],
  ["24 bits, stored top-down", { bits: 24, isTopDown: true }],
  ["32 bits", { bits: 32 }],
  ["32 bits in a custom order", { bits: 32, compression: 3, masks: [0xff, 0xff00, 0xff0000] }],
  ["32 bits with four masks", { bits: 32, compression: 6, masks: [0xff000000, 0xff0000, 0xff00, 0xff] }],
  ["version 3", { header: 56, bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff000000] }],
  ["version 4", { header: 108, bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff000000] }],
  ["version 5", { header: 124, bits: 24 }],
]

const ROUGH: readonly (readonly [string, BitmapForm])[] = [
  ["16 bits", { bits: 16 }],
  ["16 bits, six of them green", { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f] }],
]

const GREYS: readonly (readonly [string, BitmapForm])[] = [
  ["8 bits", { bits: 8 }],
  ["8 bits of OS/2", { header: 12, bits: 8 }],
  ["4 bits", { bits: 4 }],
  ["runs of 8 bits", { bits: 8, compression: 1 }],
  ["runs of 4 bits", { bits: 4, compression: 2 }],
]

describe("a bitmap", () => {
  it.each(COLOURS)("has the hash of the same pixels in a PNG: %s", async (_, form) => {
    const seen = await fingerprintHere(bitmap(solid, form))
    expect(seen).toMatchObject({
      mediaType: "image/bmp",
      kind: "picture",
      picture: { width: 93, height: 70, frames: 1 },
    })
    expect(seen.inconclusive).toBeUndefined()
    expect(distance(seen, await fingerprintHere(png))).toBe(0)
  })

  it.each([...ROUGH, ...GREYS])("is found with fewer colours: %s", async (_, form) => {
    const listed = firstView(await fingerprintHere(form.bits === 16 ? png : grey))
    const seen = await fingerprintHere(bitmap(solid, form))
    expect(seen.inconclusive).toBeUndefined()
    expect(nearest(seen, listed).distanceBits).toBeLessThanOrEqual(form.bits === 4 ? 20 : 8)
  })

  it("of one bit per pixel has its palette's colours", async () => {
    const seen = await fingerprintHere(bitmap(solid, { bits: 1 }))
    expect(nearest(seen, firstView(await fingerprintHere(black))).distanceBits).toBeLessThanOrEqual(4)
  })

  it("is hashed on each background when it is transparent", async () => {
    const form = { header: 108, bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff000000] }
    const [seen, same] = await Promise.all([fingerprintHere(bitmap(clear, form)), fingerprintHere(holedPng)])
    expect(seen.picture?.views.map(({ pdq }) => pdq)).toEqual(same.picture?.views.map(({ pdq }) => pdq))
  })

  it("is found and reported as damaged when it is cut", async () => {
    const whole = bitmap(solid, { bits: 24, isTopDown: true })
    for (const file of [whole.subarray(0, -100), bitmap(solid, { bits: 8, compression: 1 }).subarray(0, -2)]) {
      const seen = await fingerprintHere(file)
      expect(seen).toMatchObject({ inconclusive: "picture_damaged", picture: { flags: ["truncated"] } })
      expect(nearest(seen, firstView(await fingerprintHere(png))).distanceBits).toBeLessThanOrEqual(31)
    }
  })

  it("is never clear with other data after it, pixels in its headers, a size beyond the limit or an unsupported coding", async () => {
    const whole = bitmap(solid, { bits: 24 })
    expect(await fingerprintHere(Buffer.concat([whole, png]))).toMatchObject({ inconclusive: "polyglot" })
    const changed = (offset: number, value: number) => {
      const file = Buffer.from(whole)
      file.writeUInt32LE(value, offset)
      return fingerprintHere(file)
    }
    expect(await changed(10, 0)).toMatchObject({ inconclusive: "picture_undecodable" })
    expect(await changed(10, 30)).toMatchObject({ inconclusive: "picture_undecodable" })
    expect(await changed(22, 0x7fffffff)).toMatchObject({ inconclusive: "pixel_limit" })
    expect(await changed(18, 0x80000000)).toMatchObject({ inconclusive: "picture_undecodable" })
    for (const compression of [1, 4, 5, 9]) {
      expect(await changed(30, compression)).toMatchObject({ inconclusive: "media_unsupported" })
    }
  })

  it("is damaged with a colour beyond its palette or a run beyond its row", async () => {
    const few = bitmap(solid, { bits: 8 })
    few.writeUInt32LE(16, 46)
    expect(await fingerprintHere(few)).toMatchObject({ inconclusive: "picture_damaged" })
    const long = bitmap(solid, { bits: 8, compression: 1 })
    long[14 + 40 + 1024 + 1] = 101
    expect(await fingerprintHere(long)).toMatchObject({ inconclusive: "picture_damaged" })
  })

  it("cannot hide a picture between its palette and its pixels", async () => {
    const file = Buffer.concat([hostBitmap.subarray(0, 54), png, hostBitmap.subarray(54)])
    file.writeUInt32LE(54 + png.length, 10)
    const seen = await fingerprintHere(file)
    expect(nearest(seen, firstView(await fingerprintHere(png)))).toMatchObject({ distanceBits: 0, frame: 1 })
  })
})

describe("an icon", () => {
  it.each([1, 2])("has a frame for every entry of any form: kind %i", async (kind) => {
    const other = await rgba(toSharp(scene(6, 64, 64)))
    const file = icon([iconBitmap(other, { bits: 8 }), iconBitmap(solid, { bits: 24 }), png], kind)
    const seen = await fingerprintHere(file)
    expect(seen).toMatchObject({ mediaType: "image/vnd.microsoft.icon", kind: "picture", picture: { frames: 3 } })
    expect(seen.inconclusive).toBeUndefined()
    const pdq = firstView(await fingerprintHere(png)).pdq
    expect(seen.picture?.views.filter((view) => view.pdq === pdq).map(({ frame }) => frame)).toEqual([1, 2])
  })

  it("is transparent where its mask or its alpha says so", async () => {
    const listed = await fingerprintHere(holedPng)
    for (const bits of [24, 32]) {
      const seen = await fingerprintHere(icon([iconBitmap(clear, { bits })]))
      expect(seen.inconclusive).toBeUndefined()
      expect(seen.picture?.views.map(({ pdq }) => pdq)).toEqual(listed.picture?.views.map(({ pdq }) => pdq))
    }
  })

  it("is never clear when an entry is outside the file, overlaps another, is cut or cannot be read", async () => {
    const entry = iconBitmap(solid, { bits: 24 })
    const whole = icon([entry, png])
    const changed = (offset: number, value: number) => {
      const file = Buffer.from(whole)
      file.writeUInt32LE(value, offset)
      return fingerprintHere(file)
    }
    for (const [at, value] of [
      [34, whole.length],
      [34, 38],
      [34, 4],
      [30, png.length + 1],
      [30, 0],
      [14, entry.length - 9],
      [38, 13],
      [4, 3],
    ] as const) {
      expect((await changed(at, value)).inconclusive, `${value} at ${at}`).toMatch(/picture_|polyglot|media_unknown/)
    }
    expect((await changed(54, 4)).inconclusive).toBe("media_unsupported")
  })

  it("is found inside the metadata of a picture", async () => {
    const inner = icon([iconBitmap(solid, { bits: 24 })])
    const marker = Buffer.from([0xff, 0xfe, (inner.length + 2) >> 8, (inner.length + 2) & 255])
    const seen = await fingerprintHere(Buffer.concat([hostJpeg.subarray(0, 2), marker, inner, hostJpeg.subarray(2)]))
    expect(seen.inconclusive).toBeUndefined()
    expect(nearest(seen, firstView(await fingerprintHere(png))).distanceBits).toBe(0)
  })
})

describe("hostile bytes", () => {
  const limits = resolveLimits({ maxPixels: 20_000 })
  const small = { data: solid.data.subarray(0, 4 * 9 * 7), width: 9, height: 7 }
  const seeds = [
    ...[...COLOURS, ...GREYS].map(([, form]) => bitmap(small, form)),
    icon([iconBitmap(small, { bits: 4 }), iconBitmap(small, { bits: 32 })]),
  ]

  it("as a bitmap or an icon give a frame within the limit or a cause, and never an error", async () => {
    const change = fc.tuple(fc.nat(200), fc.uint8Array({ minLength: 1, maxLength: 4 }))
    const changed = fc
      .tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 }), fc.nat(400))
      .map(([seed, changes, cut]) => {
        const file = Buffer.from(seed)
        for (const [at, bytes] of changes) if (at + bytes.length <= file.length) file.set(bytes, at)
        return file.subarray(0, Math.max(4, file.length - (cut % 3 === 0 ? cut : 0)))
      })
    const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, any), async (bytes) => {
        const source = { bytes, mediaType: "", further: [], limits, deadline: Number.POSITIVE_INFINITY }
        const steps = [bitmapFrame(source)]
        for await (const step of iconFrames(source)) steps.push(step)
        for (const step of steps) {
          if (step.kind === "failure") continue
          const { data, width, height, channels } = step.pixels
          expect(data.length).toBe(width * height * channels)
          expect(width * height).toBeLessThanOrEqual(limits.maxPixels)
        }
        for (const type of ["image/bmp", "image/vnd.microsoft.icon"]) {
          expect(structureOf(bytes, type).end ?? 0).toBeLessThanOrEqual(bytes.length)
        }
      }),
      { numRuns: 400 },
    )
  })
})

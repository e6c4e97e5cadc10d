import { createHash } from "node:crypto"
import type { Fingerprint } from "@nightlight/core"
import { MINUTE_MS } from "@nightlight/core"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Decoder, openDecoder } from "../src/index.ts"
import { animation, scene, toSharp, withAlpha } from "./pictures.ts"
import { bits, distance, firstView, nearest } from "./support.ts"

let decoder: Decoder
let listed: Fingerprint

beforeAll(async () => {
  decoder = await openDecoder({ readRoots: [], processes: 2, profile: "fullres", kernel: "exact" })
  listed = await see(await toSharp(scene()).png().toBuffer())
})

afterAll(() => decoder[Symbol.asyncDispose]())

const see = (bytes: Uint8Array, signal?: AbortSignal) => decoder.fingerprint({ kind: "bytes", bytes }, signal)
const base = () => toSharp(scene())

describe("a picture's fingerprint", () => {
  it("contains the digests of the whole file, the real type, the size and eight orientations of the hash", async () => {
    const bytes = await base().jpeg().toBuffer()
    const digest = (name: string) => createHash(name).update(bytes).digest("hex")

    const seen = await see(bytes)

    expect(seen).toMatchObject({
      sizeBytes: bytes.length,
      md5: digest("md5"),
      sha1: digest("sha1"),
      sha256: digest("sha256"),
      mediaType: "image/jpeg",
      kind: "picture",
      picture: {
        width: 256,
        height: 192,
        frames: 1,
        exifOrientation: 1,
        flags: [],
        profile: "fullres",
        kernel: "exact",
      },
    })
    expect(seen.inconclusive).toBeUndefined()
    expect(firstView(seen).dihedral).toHaveLength(8)
    expect(new Set(firstView(seen).dihedral).size).toBe(8)
  })

  it.each<[string, string, () => Promise<Buffer>]>([
    ["JPEG", "image/jpeg", () => base().jpeg({ quality: 90 }).toBuffer()],
    ["progressive JPEG", "image/jpeg", () => base().jpeg({ progressive: true }).toBuffer()],
    ["interlaced PNG", "image/png", () => base().png({ progressive: true }).toBuffer()],
    ["palette PNG", "image/png", () => base().png({ palette: true }).toBuffer()],
    ["16-bit PNG", "image/png", () => base().toColourspace("rgb16").png().toBuffer()],
    [
      "PNG with alpha",
      "image/png",
      () =>
        withAlpha(scene(), (x, y) => (x + y) % 256)
          .png()
          .toBuffer(),
    ],
    ["lossy WebP", "image/webp", () => base().webp({ quality: 90 }).toBuffer()],
    ["lossless WebP", "image/webp", () => base().webp({ lossless: true }).toBuffer()],
    [
      "WebP with alpha",
      "image/webp",
      () =>
        withAlpha(scene(), (x) => 128 + (x % 128))
          .webp({ lossless: true, exact: true })
          .toBuffer(),
    ],
    ["GIF", "image/gif", () => base().gif().toBuffer()],
    ["LZW TIFF", "image/tiff", () => base().tiff({ compression: "lzw" }).toBuffer()],
    ["JPEG TIFF", "image/tiff", () => base().tiff({ compression: "jpeg", quality: 90 }).toBuffer()],
    ["16-bit TIFF", "image/tiff", () => base().toColourspace("rgb16").tiff({ compression: "none" }).toBuffer()],
    ["AVIF", "image/avif", () => base().avif({ quality: 70, effort: 1 }).toBuffer()],
  ])("equals that of the same scene in PNG for a %s", async (_, mediaType, make) => {
    const seen = await see(await make())

    expect(seen).toMatchObject({
      mediaType,
      kind: "picture",
      picture: { width: 256, height: 192, frames: 1, flags: [] },
    })
    expect(seen.inconclusive).toBeUndefined()
    expect(distance(seen, listed)).toBeLessThanOrEqual(10)
  })

  it.each<[string, () => Promise<Buffer>]>([
    ["grey JPEG", () => base().greyscale().jpeg({ quality: 95 }).toBuffer()],
    ["grey PNG", () => base().greyscale().png().toBuffer()],
    ["16-bit grey PNG", () => base().greyscale().toColourspace("grey16").png().toBuffer()],
    [
      "grey PNG with alpha",
      () =>
        withAlpha(scene(), () => 200)
          .greyscale()
          .png()
          .toBuffer(),
    ],
    ["grey TIFF", () => base().greyscale().tiff().toBuffer()],
  ])("is near that of the coloured picture for a %s", async (_, make) => {
    expect(distance(await see(await make()), listed)).toBeLessThanOrEqual(20)
  })

  it.each(["jpeg", "tiff"] as const)("is that of the inks converted directly to RGB for a CMYK %s", async (format) => {
    const bytes = await base().toColourspace("cmyk").toFormat(format, { quality: 95 }).toBuffer()
    const inks = await sharp(bytes).pipelineColourspace("cmyk").toColourspace("cmyk").raw().toBuffer()
    const ink = (i: number, channel: number) => 255 - (inks[4 * i + channel] ?? 0)
    const rgb = Buffer.from(
      Array.from(
        { length: 256 * 192 * 3 },
        (_, i) => (ink(Math.floor(i / 3), i % 3) * ink(Math.floor(i / 3), 3)) / 255,
      ),
    )

    const seen = await see(bytes)

    expect(seen.inconclusive).toBeUndefined()
    expect(
      distance(seen, await see(await toSharp({ data: rgb, width: 256, height: 192 }).png().toBuffer())),
    ).toBeLessThanOrEqual(2)
  })

  it("takes the type only from the content", async () => {
    expect(await see(Buffer.from("a caption"))).toMatchObject({ mediaType: "text/plain", kind: "text" })
    expect((await see(Buffer.from("a caption"))).inconclusive).toBeUndefined()
  })
})

describe("frames and pages", () => {
  const target = scene(99, 96, 72)
  const frames = Array.from({ length: 60 }, (_, i) => (i === 57 ? target : scene(i % 3 === 0 ? 5 : 6, 96, 72)))

  it.each<[string, () => Promise<Buffer>]>([
    ["GIF", () => animation(frames).gif({ keepDuplicateFrames: true }).toBuffer()],
    ["WebP", () => animation(frames).webp({ quality: 80, effort: 0 }).toBuffer()],
  ])("find frame 57 of 60 in an animated %s", { timeout: 3 * MINUTE_MS }, async (_, make) => {
    const wanted = firstView(await see(await toSharp(target).png().toBuffer()))
    const bytes = await make()
    const pages = (await sharp(bytes).metadata()).pages

    const seen = await see(bytes)

    expect(seen.picture?.frames).toBe(pages)
    expect(nearest(seen, wanted).distanceBits).toBeLessThanOrEqual(16)
    expect(nearest(seen, wanted).frame).toBeGreaterThan(0)
    expect(seen.inconclusive).toBeUndefined()
  })

  it("find the picture on page 2 of a TIFF", async () => {
    const wanted = firstView(await see(await toSharp(target).png().toBuffer()))
    const bytes = await animation([scene(5, 96, 72), target])
      .tiff({ compression: "lzw" })
      .toBuffer()

    const seen = await see(bytes)

    expect(seen.picture?.frames).toBe(2)
    expect(nearest(seen, wanted)).toMatchObject({ frame: 1, distanceBits: 0 })
  })
})

describe("views", () => {
  it("find a picture that is drawn only in alpha and visible only on white", async () => {
    const drawn = scene(7)
    const onWhite = await toSharp(drawn).greyscale().png().toBuffer()
    const grey = await sharp(onWhite).raw().toBuffer({ resolveWithObject: true })
    const tones = (x: number, y: number) => 255 - (grey.data[(y * grey.info.width + x) * grey.info.channels] ?? 0)
    const black = { ...drawn, data: Buffer.alloc(drawn.data.length) }
    const bytes = await withAlpha(black, tones).png().toBuffer()
    const wanted = firstView(await see(onWhite))

    const seen = await see(bytes)

    expect(bits(firstView(seen), wanted)).toBeGreaterThan(60)
    expect(nearest(seen, wanted)).toMatchObject({ background: "white", crop: "none" })
    expect(nearest(seen, wanted).distanceBits).toBeLessThanOrEqual(4)
  })

  it("find a picture that is visible only on black", async () => {
    const drawn = scene(8)
    const grey = await toSharp(drawn).greyscale().raw().toBuffer({ resolveWithObject: true })
    const tones = (x: number, y: number) => grey.data[(y * grey.info.width + x) * grey.info.channels] ?? 0
    const white = { ...drawn, data: Buffer.alloc(drawn.data.length, 255) }
    const wanted = firstView(await see(await toSharp(drawn).greyscale().png().toBuffer()))

    const seen = await see(await withAlpha(white, tones).png().toBuffer())

    expect(nearest(seen, wanted)).toMatchObject({ background: "black" })
    expect(nearest(seen, wanted).distanceBits).toBeLessThanOrEqual(4)
  })

  it("find a picture that is visible only on middle grey", async () => {
    const drawn = scene(9)
    const grey = await toSharp(drawn).greyscale().raw().toBuffer({ resolveWithObject: true })
    const toneAt = (i: number) => (grey.data[i * grey.info.channels] ?? 0) - 128
    const ground = { ...drawn, data: Buffer.from(drawn.data.map((_, i) => (toneAt(Math.floor(i / 3)) < 0 ? 0 : 255))) }
    const strength = (x: number, y: number) => Math.min(255, 2 * Math.abs(toneAt(y * drawn.width + x)))
    const wanted = firstView(await see(await toSharp(drawn).greyscale().png().toBuffer()))

    const seen = await see(await withAlpha(ground, strength).png().toBuffer())

    expect(nearest(seen, wanted)).toMatchObject({ background: "grey" })
    expect(nearest(seen, wanted).distanceBits).toBeLessThanOrEqual(4)
  })

  it("are reduced to one for an opaque picture without bars, with or without an alpha channel", async () => {
    const seen = await see(
      await withAlpha(scene(), () => 255)
        .png()
        .toBuffer(),
    )
    expect(seen.picture?.views).toHaveLength(1)
    expect(firstView(seen).pdq).toBe(firstView(listed).pdq)
  })

  it.each([
    ["black above and below", { top: 60, bottom: 60 }, "#000000", "jpeg"],
    ["white at the sides", { left: 50, right: 70 }, "#ffffff", "jpeg"],
    ["blue all around", { top: 33, bottom: 21, left: 45, right: 18 }, "#2040c0", "webp"],
    ["black only below", { bottom: 77 }, "#000000", "png"],
  ] as const)("find a picture with bars %s", async (_, bars, background, format) => {
    const { width, height } = scene()
    const framed = await base()
      .extend({ ...bars, background })
      .toFormat(format, { quality: 85 })
      .toBuffer()

    const seen = await see(framed)

    const view = nearest(seen, firstView(listed))
    expect(view).toMatchObject({ crop: "letterbox", background: "dropped" })
    expect(view.distanceBits).toBeLessThanOrEqual(24)
    expect(seen.picture).not.toMatchObject({ width, height })
  })

  it.each([
    ["with noise", (x: number, y: number) => 235 + ((x * 7919 + y * 104_729) % 41) - 20],
    [
      "with letters",
      (x: number, y: number) => (y % 24 > 8 && y % 24 < 18 && x > 40 && x < 216 && x % 7 < 2 ? 10 : 255),
    ],
  ])("find a picture with white bars above and below %s", async (_, toneAt) => {
    const { data, width, height } = scene()
    const bar = Buffer.from(
      Array.from({ length: width * 48 * 3 }, (__, i) => toneAt(Math.floor(i / 3) % width, Math.floor(i / 3 / width))),
    )
    const framed = { data: Buffer.concat([bar, data, bar]), width, height: height + 96 }

    const view = nearest(await see(await toSharp(framed).jpeg({ quality: 85 }).toBuffer()), firstView(listed))

    expect(view).toMatchObject({ crop: "letterbox" })
    expect(view.distanceBits).toBeLessThanOrEqual(24)
  })

  it.each(["left", "top"] as const)("find a picture between blurred copies of itself, from the %s", async (side) => {
    const { width, height } = scene(14)
    const wanted = firstView(await see(await toSharp(scene(14)).png().toBuffer()))
    const size = side === "left" ? ([width * 1.5, height] as const) : ([width, height * 1.5] as const)
    const ground = await toSharp(scene(14))
      .resize(...size, { fit: "cover" })
      .negate()
      .blur(10)
      .png()
      .toBuffer()
    const place = { left: (size[0] - width) / 2, top: (size[1] - height) / 2 }
    const input = await toSharp(scene(14)).png().toBuffer()
    const framed = await sharp(ground)
      .composite([{ input, ...place }])
      .jpeg({ quality: 85 })
      .toBuffer()

    expect(nearest(await see(framed), wanted).distanceBits).toBeLessThanOrEqual(24)
  })

  it("do not crop a flat picture", async () => {
    const flat = await sharp({ create: { width: 200, height: 200, channels: 3, background: "#808080" } })
      .png()
      .toBuffer()
    const seen = await see(flat)
    expect(seen.picture?.views).toHaveLength(1)
    expect(firstView(seen).quality).toBe(0)
  })
})

describe("EXIF orientation", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "is reported, and the picture is hashed as stored and as shown: %i",
    async (orientation) => {
      const shown = firstView(await see(await base().withMetadata({ orientation }).png().toBuffer().then(upright)))
      for (const format of ["jpeg", "png", "webp", "tiff"] as const) {
        const bytes = await base().withMetadata({ orientation }).toFormat(format, { quality: 95 }).toBuffer()
        const seen = await see(bytes)
        expect(seen.picture).toMatchObject({ exifOrientation: orientation, width: 256, height: 192 })
        expect(distance(seen, listed)).toBeLessThanOrEqual(10)
        const turned = seen.picture?.views.filter(({ isTurned }) => isTurned) ?? []
        expect(turned).toHaveLength(orientation === 1 ? 0 : 1)
        for (const view of turned) expect(bits(view, shown)).toBeLessThanOrEqual(10)
      }
    },
  )
})

/** Turned by another reader. */
const upright = (bytes: Buffer) => sharp(bytes).autoOrient().png().toBuffer()

import sharp, { type Sharp } from "sharp"
import { describe, expect, it, onTestFinished } from "vitest"
import { derive } from "../src/child/derive.ts"
import { decodeInWebAssembly } from "../src/child/wasm-codecs.ts"
import { resolveLimits } from "../src/limits.ts"
import { animation, scene, toSharp, withAlpha } from "./pictures.ts"

const MEGAPIXEL = 1_000_000

const picture = () => toSharp(scene(5, 160, 120))

const FORMATS: readonly (readonly [string, string, (picture: Sharp) => Sharp])[] = [
  ["a JPEG", "image/jpeg", (from) => from.jpeg({ quality: 90 })],
  ["a progressive JPEG", "image/jpeg", (from) => from.jpeg({ progressive: true })],
  ["a grey JPEG", "image/jpeg", (from) => from.greyscale().jpeg()],
  ["a PNG", "image/png", (from) => from.png()],
  ["an interlaced PNG with a palette", "image/png", (from) => from.png({ palette: true, progressive: true })],
  ["a PNG of 16 bits", "image/png", (from) => from.toColourspace("rgb16").png()],
  ["a lossy WebP", "image/webp", (from) => from.webp({ quality: 80 })],
  ["a lossless WebP", "image/webp", (from) => from.webp({ lossless: true })],
  ["an AVIF", "image/avif", (from) => from.avif({ quality: 70, effort: 0 })],
]

const REQUEST = { sidePx: 128, blurSigma: 0, greyscale: false, frame: 0, limits: resolveLimits() }

/** Mean difference of two pictures' tones, 0 to 255. */
function difference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return 255
  return a.reduce((sum, tone, index) => sum + Math.abs(tone - (b[index] ?? 0)), 0) / a.length
}

/** Blocks every decoder of libvips, so that any picture that is still decoded was decoded elsewhere. */
function blockNative(): void {
  sharp.block({ operation: ["VipsForeignLoad"] })
  onTestFinished(() => sharp.unblock({ operation: ["VipsForeignLoad"] }))
}

describe.each(FORMATS)("%s for a person's viewing", (_, mediaType, encode) => {
  it("has the same pixels from WebAssembly as from sharp", async () => {
    const bytes = await encode(picture()).toBuffer()
    const expected = await sharp(bytes).removeAlpha().toColourspace("srgb").raw().toBuffer()

    const seen = await decodeInWebAssembly(bytes, mediaType, MEGAPIXEL)

    expect(seen).toMatchObject({ width: 160, height: 120, channels: 4 })
    const opaque = seen?.data.filter((_tone, index) => index % 4 !== 3) ?? new Uint8Array()
    expect(difference(opaque, expected)).toBeLessThan(1.5)
  })

  it("does not reach a native decoder", async () => {
    const bytes = await encode(picture()).toBuffer()
    blockNative()
    expect(await derive(bytes, REQUEST)).toMatchObject({ width: 128, height: 96 })
  })
})

describe("a picture that no WebAssembly codec can read", () => {
  const cmyk = () => picture().toColourspace("cmyk").jpeg().toBuffer()
  const gif = () => picture().gif().toBuffer()
  const moving = () =>
    animation([scene(1, 32, 32), scene(2, 32, 32)])
      .webp()
      .toBuffer()

  it.each([
    ["inks", "image/jpeg", cmyk],
    ["a GIF", "image/gif", gif],
    ["an animation", "image/webp", moving],
    ["words", "image/png", async () => Buffer.from("no picture, whatever its type is said to be")],
  ] as const)("is left to sharp: %s", async (_, mediaType, make) => {
    expect(await decodeInWebAssembly(await make(), mediaType, MEGAPIXEL)).toBeUndefined()
  })

  it.each(FORMATS)("is not decoded when it is %s of more pixels than the limit", async (_, mediaType, encode) => {
    expect(await decodeInWebAssembly(await encode(picture()).toBuffer(), mediaType, 160 * 119)).toBeUndefined()
  })

  it("can be an AVIF to be turned, which sharp turns", async () => {
    const upright = await picture().avif({ effort: 0 }).toBuffer()
    const turned = Buffer.concat([upright, Buffer.from("irot")])
    expect(await decodeInWebAssembly(turned, "image/avif", MEGAPIXEL)).toBeUndefined()
  })
})

it("a WebAssembly codec keeps transparency, so that the background can be added", async () => {
  const bytes = await withAlpha(scene(1, 16, 16), () => 0)
    .png()
    .toBuffer()
  const seen = await decodeInWebAssembly(bytes, "image/png", MEGAPIXEL)
  expect(new Set(seen?.data.filter((_, index) => index % 4 === 3))).toEqual(new Set([0]))
})

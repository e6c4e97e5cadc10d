import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { skipUnlessGranted, TRIED_ISOLATIONS } from "@nightlight/dev-env/machine/isolations"
import { IS_LONG } from "@nightlight/dev-env/machine/kill-at-every-step"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { createDeriver, type Derivative, type DeriverOptions } from "../src/index.ts"
import { animation, scene, toSharp, withAlpha } from "./pictures.ts"

const SMALL = { sidePx: 64, blurSigma: 0, greyscale: false } as const
const stub = (name: string) => join(import.meta.dirname, "stubs", name)

function derive(
  bytes: Uint8Array,
  options: Partial<Parameters<ReturnType<typeof createDeriver>["derive"]>[1]> = {},
  how: DeriverOptions = {},
) {
  return createDeriver(how).derive(bytes, { ...SMALL, ...options })
}

function picture(made: Derivative) {
  if (made.kind !== "picture") throw new Error(`expected a picture, got ${made.cause}`)
  return made
}

async function pixelsOf(made: Derivative): Promise<Buffer> {
  return sharp(picture(made).bytes).removeAlpha().toColourspace("srgb").raw().toBuffer()
}

/** Mean difference of two pictures' pixels, 0 to 255. */
function difference(a: Buffer, b: Buffer): number {
  if (a.length !== b.length) return 255
  return a.reduce((sum, tone, index) => sum + Math.abs(tone - (b[index] ?? 0)), 0) / a.length
}

describe("a rendition", () => {
  it.for(TRIED_ISOLATIONS)("is a small grey PNG without metadata (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    const jpeg = await toSharp(scene(1, 640, 480))
      .withExif({ IFD0: { Copyright: "canary-exif" } })
      .jpeg()
      .toBuffer()

    const made = picture(await derive(jpeg, { sidePx: 256, blurSigma: 4, greyscale: true }, { isolation }))

    expect(made).toMatchObject({ width: 256, height: 192 })
    const { format, channels, space, exif } = await sharp(made.bytes).metadata()
    expect({ format, channels, space, exif }).toEqual({ format: "png", channels: 1, space: "b-w", exif: undefined })
  })

  it.for(TRIED_ISOLATIONS)("is made from a JPEG without any native decoder (%s)", async (isolation, { skip }) => {
    skipUnlessGranted(isolation, skip)
    const jpeg = await toSharp(scene(1, 64, 48))
      .jpeg()
      .toBuffer()
    const made = await derive(jpeg, {}, { isolation, entry: stub("rendition-in-webassembly.ts") })
    expect(made).toMatchObject({ kind: "picture", width: 64, height: 48 })
  })

  it("is blurred as requested, so that neighbouring tones mix", async () => {
    const png = await toSharp(scene(2)).png().toBuffer()
    const sharpOne = await pixelsOf(await derive(png))
    const blurred = await pixelsOf(await derive(png, { blurSigma: 6 }))
    const deviation = (pixels: Buffer) => {
      const mean = pixels.reduce((sum, tone) => sum + tone, 0) / pixels.length
      return Math.sqrt(pixels.reduce((sum, tone) => sum + (tone - mean) ** 2, 0) / pixels.length)
    }
    expect(deviation(blurred)).toBeLessThan(deviation(sharpOne) * 0.9)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("is upright for EXIF orientation %i", async (orientation) => {
    const turned = await toSharp(scene(3, 64, 48))
      .withMetadata({ orientation })
      .jpeg({ quality: 95 })
      .toBuffer()
    const expected = await sharp(turned).autoOrient().raw().toBuffer({ resolveWithObject: true })

    const made = picture(await derive(turned))

    expect(made).toMatchObject({ width: expected.info.width, height: expected.info.height })
    expect(difference(await pixelsOf(made), expected.data)).toBeLessThan(2)
  })

  it("shows the requested frame", async () => {
    const gif = await animation([scene(1, 64, 48), scene(7, 64, 48)])
      .gif()
      .toBuffer()
    const second = await sharp(gif, { page: 1 }).removeAlpha().raw().toBuffer()

    expect(difference(await pixelsOf(await derive(gif, { frame: 1 })), second)).toBeLessThan(4)
    expect(await derive(gif, { frame: 2 })).toEqual({ kind: "failure", cause: "no_such_frame" })
  })

  it("shows the whole frame of an animation, however often it is requested", { timeout: 3 * MINUTE_MS }, async () => {
    const gif = await animation([scene(1, 64, 48), scene(7, 64, 48)])
      .gif()
      .toBuffer()
    const second = await sharp(gif, { page: 1 }).removeAlpha().raw().toBuffer()
    for (let again = 0; again < (IS_LONG ? 20 : 4); again++) {
      expect(difference(await pixelsOf(await derive(gif, { frame: 1 })), second)).toBeLessThan(4)
    }
  })

  it("shows mid grey where the picture is transparent", async () => {
    const clear = await withAlpha(scene(1, 32, 32), () => 0)
      .png()
      .toBuffer()
    expect(new Set(await pixelsOf(await derive(clear)))).toEqual(new Set([128]))
  })

  it("is never enlarged", async () => {
    const png = await toSharp(scene(1, 20, 17))
      .png()
      .toBuffer()
    expect(picture(await derive(png))).toMatchObject({ width: 20, height: 17 })
  })
})

describe("bytes without a picture", () => {
  it.each([
    ["a text", Buffer.from("canary-text"), "not_a_picture"],
    ["an empty item", Buffer.alloc(0), "not_a_picture"],
    ["only the head of a picture", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46]), "undecodable"],
  ])("give a cause instead: %s", async (_, bytes, cause) => {
    expect(await derive(bytes)).toEqual({ kind: "failure", cause })
  })
})

describe("a misbehaving rendition child", () => {
  it.each([
    ["hangs", "time_limit"],
    ["dies", "child_died"],
    ["says more pixels than were asked for", "child_died"],
    ["says a size that its pixels do not have", "child_died"],
  ])("costs only one rendition when it %s", async (behaviour, cause) => {
    const entry = stub("derive-stub.mjs")
    const bytes = Buffer.from(behaviour)
    const made = await derive(bytes, {}, { entry, isolation: "none", limits: { timeoutMs: 300 } })
    expect(made).toEqual({ kind: "failure", cause })
  })

  it("causes an error when none starts", async () => {
    const entry = stub("there-is-none.mjs")
    await expect(derive(Buffer.from("x"), {}, { entry, isolation: "none" })).rejects.toMatchObject({
      code: "decoder_unavailable",
    })
  })
})

it.each([{ sidePx: 0 }, { sidePx: 4096 }, { blurSigma: -1 }, { blurSigma: 0.1 }, { frame: -1 }, { frame: 0.5 }])(
  "a rendition with %o is refused before a child starts",
  async (wrong) => {
    await expect(derive(Buffer.from("x"), wrong)).rejects.toMatchObject({ code: "input_invalid" })
  },
)

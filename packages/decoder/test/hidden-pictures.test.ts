import type { Fingerprint, PictureView } from "@nightlight/core"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Decoder, openDecoder } from "../src/index.ts"
import { scene, toSharp } from "./pictures.ts"
import { exif, PLACEMENTS, withSegments } from "./placements.ts"
import { firstView, nearest } from "./support.ts"

const host = scene(21, 96, 72)

let decoder: Decoder
let hidden: Buffer
let listed: PictureView

beforeAll(async () => {
  decoder = await openDecoder({ readRoots: [], processes: 2, profile: "fullres", kernel: "exact" })
  hidden = await toSharp(scene(22, 160, 120))
    .jpeg()
    .toBuffer()
  listed = firstView(await see(hidden))
})

afterAll(() => decoder[Symbol.asyncDispose]())

const see = (bytes: Uint8Array): Promise<Fingerprint> => decoder.fingerprint({ kind: "bytes", bytes })

describe("a whole picture inside another picture's file", () => {
  it.each(PLACEMENTS)("is found in %s", async (name, place) => {
    const seen = await see(await place(host, hidden))

    expect(nearest(seen, listed).distanceBits).toBe(0)
    expect(nearest(seen, listed).frame).toBeGreaterThan(0)
    // Data after a picture or in its coded data also makes it a polyglot.
    if (!/after/.test(name)) expect(seen.inconclusive).toBeUndefined()
  })

  it.each(["png", "gif", "webp", "tiff"] as const)("is found as a %s", async (format) => {
    const inner = await toSharp(scene(22, 160, 120))
      .toFormat(format, { lossless: true, compression: "lzw" })
      .toBuffer()
    const seen = await see(withSegments(await toSharp(host).jpeg().toBuffer(), [[0xe5, inner.subarray(0, 65_000)]]))
    if (inner.length <= 65_000) expect(nearest(seen, listed).distanceBits).toBeLessThanOrEqual(16)
    else expect(seen.inconclusive).toBe("picture_damaged")
  })

  it.each([
    ["of a type that is not decoded", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), "media_unsupported"],
    ["that is cut", undefined, "picture_damaged"],
    ["that does not decode", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 2, 9, 9, 9]), "picture_undecodable"],
  ])("makes the file inconclusive when it is one %s", async (_, inner, cause) => {
    const jpeg = await toSharp(host).jpeg().toBuffer()
    const content = inner ?? hidden.subarray(0, hidden.length - 100)
    expect((await see(withSegments(jpeg, [[0xe6, content]]))).inconclusive).toBe(cause)
  })

  it("makes the file inconclusive when there are more than the limit", async () => {
    const tiny = await Promise.all(
      Array.from({ length: 40 }, (_, seed) =>
        toSharp(scene(seed + 1, 16, 16))
          .jpeg()
          .toBuffer(),
      ),
    )
    const jpeg = await toSharp(host).jpeg().toBuffer()
    const seen = await see(withSegments(jpeg, [[0xe6, Buffer.concat(tiny)]]))
    expect(seen.inconclusive).toBe("frame_limit")
  })

  it("is not reported for text, profiles and EXIF without a thumbnail", async () => {
    const note = Buffer.from(`made by hand ${"0123456789abcdef".repeat(40)} ${"words and more words ".repeat(50)}`)
    const jpeg = await toSharp(host)
      .withMetadata({ density: 300 })
      .withExif({ IFD0: { Artist: "nobody" } })
      .jpeg()
      .toBuffer()
    const seen = await see(withSegments(jpeg, [[0xfe, note]]))
    expect(seen).toMatchObject({ picture: { frames: 1, flags: [] } })
    expect(seen.inconclusive).toBeUndefined()
  })

  it("is turned like the picture to which it belongs", async () => {
    const turnedUpright = await sharp(hidden).rotate(90).png().toBuffer()
    const wanted = firstView(await see(turnedUpright))
    const content = Buffer.concat([Buffer.from("Exif\0\0"), exifTurned(6, hidden)])
    const seen = await see(withSegments(await toSharp(host).jpeg().toBuffer(), [[0xe1, content]]))
    expect(nearest(seen, wanted)).toMatchObject({ isTurned: true, distanceBits: 0 })
  })
})

/** EXIF with a thumbnail, whose first directory has an orientation. */
function exifTurned(orientation: number, thumbnail: Buffer): Buffer {
  const plain = exif(thumbnail)
  const head = Buffer.alloc(26)
  plain.copy(head, 0, 0, 8)
  head.writeUInt16LE(1, 8)
  head.writeUInt16LE(0x112, 10)
  head.writeUInt16LE(3, 12)
  head.writeUInt32LE(1, 14)
  head.writeUInt16LE(orientation, 18)
  head.writeUInt32LE(26, 22)
  const second = Buffer.from(plain.subarray(14))
  second.writeUInt32LE(26 + 42, 2 + 12 + 8)
  return Buffer.concat([head, second])
}

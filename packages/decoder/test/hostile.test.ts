import { mkdirSync, symlinkSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { deflateSync, gzipSync } from "node:zlib"
import type { Fingerprint } from "@nightlight/core"
import { MINUTE_MS } from "@nightlight/core"
import { GRANTED_ISOLATIONS } from "@nightlight/dev-env/machine/isolations"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Decoder, openDecoder } from "../src/index.ts"
import { animation, scene, toSharp } from "./pictures.ts"
import { chunk } from "./placements.ts"
import { distance, firstView, openTestDecoder, put, temporaryFolder } from "./support.ts"

const LONG = process.env["NIGHTLIGHT_LONG"] !== undefined

let decoder: Decoder

beforeAll(async () => {
  decoder = await openDecoder({ readRoots: [], processes: 2, profile: "fullres", kernel: "exact" })
})

afterAll(() => decoder[Symbol.asyncDispose]())

const see = (bytes: Uint8Array, by = decoder): Promise<Fingerprint> => by.fingerprint({ kind: "bytes", bytes })

describe("a truncated picture", () => {
  const FORMATS = ["jpeg", "png", "gif", "webp", "tiff", "avif"] as const

  it("is hashed as far as it decodes and flagged, or is inconclusive, wherever it is cut", async () => {
    const whole = await Promise.all(
      FORMATS.map((format) =>
        toSharp(scene(3, 96, 72))
          .toFormat(format)
          .toBuffer(),
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(FORMATS.length - 1), fc.double({ min: 0, max: 1, noNaN: true }), async (which, share) => {
        const bytes = whole[which] ?? Buffer.alloc(0)
        const cut = bytes.subarray(0, 1 + Math.floor((bytes.length - 2) * share))
        const seen = await see(cut)
        expect(seen.sizeBytes).toBe(cut.length)
        const isFlagged = (seen.picture?.flags.length ?? 0) > 0
        expect(isFlagged || seen.inconclusive !== undefined || seen.kind === "text").toBe(true)
        // A few remaining bytes may be only letters.
        if (seen.kind === "text") expect(cut.length).toBeLessThan(8)
      }),
      { numRuns: 120 },
    )
  })

  it.each(["jpeg", "png"] as const)("keeps a near hash when a %s lost its last tenth", async (format) => {
    const bytes = await toSharp(scene()).toFormat(format).toBuffer()
    const seen = await see(bytes.subarray(0, Math.floor(bytes.length * 0.9)))
    expect(seen.picture?.flags).toEqual(["truncated"])
    expect(seen.inconclusive).toBe("picture_damaged")
    expect(distance(seen, await see(bytes))).toBeLessThanOrEqual(60)
  })

  it("is flagged as damaged when bytes in its middle are changed", async () => {
    const bytes = Buffer.from(await toSharp(scene()).jpeg().toBuffer())
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 3)
    bytes[bytes.length / 2 + 3] = 0xc4
    const seen = await see(bytes)
    expect(seen.picture?.flags ?? [seen.inconclusive]).not.toEqual([])
  })
})

describe("random damage", () => {
  it.each(["jpeg", "png", "gif", "webp", "tiff", "avif"] as const)(
    "of a %s never ends a child, and always leaves a hash or a cause",
    { timeout: 3 * MINUTE_MS },
    async (format) => {
      const whole = await toSharp(scene(3, 64, 48))
        .toFormat(format, { effort: 1 })
        .toBuffer()
      const edits = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(edits, async (changes) => {
          const bytes = Buffer.from(whole)
          for (const [at, value] of changes) bytes[at] = value
          const seen = await see(bytes)
          expect(seen.inconclusive).not.toBe("decoder_died")
          expect(seen.picture !== undefined || seen.inconclusive !== undefined || seen.kind === "archive").toBe(true)
        }),
        { numRuns: LONG ? 5000 : 60 },
      )
    },
  )
})

describe("a bomb", () => {
  it.each(["png", "webp"] as const)("of pixels in a %s is not decoded", async (format) => {
    const strict = await openTestDecoder({ limits: { maxPixels: 100 * 100 } })
    const bytes = await toSharp(scene(1, 101, 100))
      .toFormat(format)
      .toBuffer()
    expect(await see(bytes, strict)).toMatchObject({ inconclusive: "pixel_limit", kind: "picture" })
    expect(
      (
        await see(
          await toSharp(scene(1, 100, 100))
            .toFormat(format)
            .toBuffer(),
          strict,
        )
      ).inconclusive,
    ).toBeUndefined()
  })

  it("of a PNG that announces 4 gigapixels is not decoded", async () => {
    const header = Buffer.alloc(13)
    header.writeUInt32BE(65_535, 0)
    header.writeUInt32BE(65_535, 4)
    header.set([8, 2, 0, 0, 0], 8)
    const bytes = png([chunk("IHDR", header), chunk("IDAT", deflateSync(Buffer.alloc(1_000_000)))])
    expect(await see(bytes)).toMatchObject({ inconclusive: "pixel_limit" })
  })

  it("of frames is inspected up to the limit", async () => {
    const strict = await openTestDecoder({ limits: { maxFrames: 3 } })
    const frames = [1, 2, 3, 4, 5].map((seed) => scene(seed, 48, 48))
    const gif = await see(await animation(frames).gif().toBuffer(), strict)
    expect(gif).toMatchObject({ inconclusive: "frame_limit", picture: { frames: 3 } })
    const tiff = await see(await animation(frames).tiff().toBuffer(), strict)
    expect(tiff).toMatchObject({ inconclusive: "frame_limit", picture: { frames: 3 } })
    const three = await see(await animation(frames.slice(0, 3)).gif().toBuffer(), strict)
    expect(three.inconclusive).toBeUndefined()
  })

  it("of bytes is digested but not decoded", async () => {
    const strict = await openTestDecoder({ limits: { maxBytes: 1000 } })
    const seen = await see(await toSharp(scene()).png().toBuffer(), strict)
    expect(seen).toMatchObject({ inconclusive: "byte_limit", kind: "picture", mediaType: "image/png" })
    expect(seen.sha256).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe("a file that is not a decodable picture", () => {
  it.each<[string, Uint8Array, object]>([
    ["nothing", new Uint8Array(0), { sizeBytes: 0, kind: "text", md5: "d41d8cd98f00b204e9800998ecf8427e" }],
    ["an SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), { inconclusive: "media_unsupported" }],
    ["an SVG in gzip", gzipSync("<svg/>"), { mediaType: "image/svg+xml", inconclusive: "media_unsupported" }],
    ["a gzip", gzipSync("hello"), { kind: "archive", mediaType: "application/gzip" }],
    ["a video", Buffer.from("\0\0\0\x18ftypisom\0\0\0\0isommp42", "latin1"), { inconclusive: "media_unsupported" }],
    ["noise", Buffer.from([0, 1, 2, 3, 250, 251]), { kind: "unknown", inconclusive: "media_unknown" }],
    ["text that becomes binary late", lateBinary(), { kind: "unknown", inconclusive: "media_unknown" }],
    ["a picture of junk", Buffer.from([0xff, 0xd8, 0xff, 1, 2, 3]), { inconclusive: "picture_undecodable" }],
  ])("is recognised by its content: %s", async (_, bytes, expected) => {
    const seen = await see(bytes)
    expect(seen).toMatchObject(expected)
    expect(seen).not.toHaveProperty("picture")
  })

  it("is not decoded when it only pretends to be for another loader", async () => {
    for (const text of ["%PDF-1.4", "SIMPLE  =                    T", "P6 1 1 255 abc", "#?RADIANCE\n"]) {
      expect((await see(Buffer.from(text))).inconclusive).toBe("media_unsupported")
    }
  })
})

describe("a polyglot", () => {
  const zip = Buffer.concat([
    Buffer.from("PK\x03\x04", "latin1"),
    Buffer.alloc(27, 1),
    Buffer.from("PK\x01\x02", "latin1"),
    Buffer.alloc(43, 1),
    endOfDirectory(47),
  ])

  it.each(["jpeg", "png", "gif", "webp", "avif", "tiff"] as const)(
    "of %s and zip is hashed and inconclusive",
    async (format) => {
      const bytes = await toSharp(scene(2, 64, 64))
        .toFormat(format)
        .toBuffer()
      const seen = await see(Buffer.concat([bytes, zip]))
      expect(seen.inconclusive).toBe("polyglot")
      expect(firstView(seen).pdq).toBe(firstView(await see(bytes)).pdq)
    },
  )

  it.each<[string, Buffer]>([
    ["RAR", Buffer.from("Rar!\x1a\x07\x00 and more", "latin1")],
    ["MP4", Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0isommp42", "latin1")],
    ["PDF after padding", Buffer.from("\0\0\0\0%PDF-1.7 more of it")],
    ["zip inside junk", Buffer.concat([Buffer.alloc(40, 9), zip.subarray(0, 31)])],
  ])("of JPEG and %s is inconclusive", async (_, tail) => {
    const bytes = await toSharp(scene(2, 64, 64))
      .jpeg()
      .toBuffer()
    expect((await see(Buffer.concat([bytes, tail]))).inconclusive).toBe("polyglot")
  })

  it.each<[string, Buffer]>([
    ["a line end", Buffer.from("\r\n")],
    ["zeros", Buffer.alloc(5000)],
    ["a short note", Buffer.from("made with a camera")],
  ])("is not reported for %s after a JPEG", async (_, tail) => {
    const bytes = await toSharp(scene(2, 64, 64))
      .jpeg()
      .toBuffer()
    expect((await see(Buffer.concat([bytes, tail]))).inconclusive).toBeUndefined()
  })

  it("has its second JPEG inspected too, as cameras write them", async () => {
    const [front, behind] = await Promise.all(
      [2, 3].map((seed) =>
        toSharp(scene(seed, 64, 64))
          .jpeg()
          .toBuffer(),
      ),
    )
    if (front === undefined || behind === undefined) throw new Error("expected two pictures")
    const seen = await see(Buffer.concat([front, Buffer.alloc(16), behind]))
    expect(seen.inconclusive).toBeUndefined()
    expect(seen.picture?.frames).toBe(2)
    expect(seen.picture?.views.at(-1)?.pdq).toBe(firstView(await see(behind)).pdq)
  })
})

describe("an animated PNG", () => {
  it("has every frame composed on its canvas and hashed", async () => {
    const scenes = [scene(1, 64, 48), scene(2, 64, 48), scene(3, 64, 48)]
    const seen = await see(await apng(scenes.map((raw) => toSharp(raw).png().toBuffer())))
    const alone = await Promise.all(
      scenes.map(async (raw) => firstView(await see(await toSharp(raw).png().toBuffer()))),
    )
    expect(seen).toMatchObject({ mediaType: "image/apng", picture: { frames: 3, width: 64, height: 48 } })
    expect(seen.picture?.views.map(({ pdq }) => pdq)).toEqual(alone.map(({ pdq }) => pdq))
  })
})

describe("moving pictures after a still one", () => {
  it("are found when a PNG announces them only after its first kilobytes", async () => {
    const scenes = [scene(1, 64, 48), scene(2, 64, 48)]
    const padding = chunk("tEXt", Buffer.from(`padding\0${"x".repeat(10_000)}`))
    const bytes = await apng(
      scenes.map((raw) => toSharp(raw).png().toBuffer()),
      [padding],
    )
    expect(await see(bytes)).toMatchObject({ mediaType: "image/apng", picture: { frames: 2 } })
  })

  it.each([
    ["avif", "media_unsupported"],
    ["avis", "picture_undecodable"],
  ])("make an AVIF of brand %s inconclusive", async (brand, cause) => {
    const bytes = Buffer.from(
      await toSharp(scene(1, 64, 48))
        .avif({ effort: 1 })
        .toBuffer(),
    )
    bytes.write(brand, 8, "latin1")
    const moov = Buffer.from("\0\0\0\x10moov\0\0\0\x08free", "latin1")
    const seen = await see(Buffer.concat([bytes, moov]))
    expect(seen.inconclusive).toBe(cause)
  })
})

describe("a source", () => {
  it("is unreadable when it is missing, a folder, a symbolic link, outside the roots, or shorter than its range", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const folder = temporaryFolder()
    const elsewhere = put(temporaryFolder(), "elsewhere.txt", Buffer.from("elsewhere"))
    const inside = put(folder, "inside.txt", Buffer.from("inside"))
    mkdirSync(join(folder, "sub"))
    symlinkSync(inside, join(folder, "link.txt"))
    symlinkSync(join(elsewhere, ".."), join(folder, "way-out"))
    for (const isolation of GRANTED_ISOLATIONS) {
      const confined = await openTestDecoder({ readRoots: [folder], isolation })
      const paths = ["missing.txt", "sub", "link.txt", "way-out/elsewhere.txt"].map((name) => join(folder, name))
      for (const path of [...paths, elsewhere, `${folder}/../${elsewhere}`, "inside.txt"]) {
        // Written out deliberately: callers rely on this form of the answer.
        expect(await confined.fingerprint({ kind: "file", path })).toEqual({
          sizeBytes: 0,
          md5: "",
          sha1: "",
          sha256: "",
          mediaType: "application/octet-stream",
          kind: "unknown",
          inconclusive: "source_unreadable",
        })
      }
      const range = { kind: "range", path: inside, offset: 3, length: 4 } as const
      expect((await confined.fingerprint(range)).inconclusive).toBe("source_unreadable")
      expect((await confined.fingerprint({ kind: "file", path: inside })).inconclusive).toBeUndefined()
    }
  })

  it("that is a range of a file has the fingerprint of its bytes", async () => {
    const folder = temporaryFolder()
    const bytes = await toSharp(scene()).webp().toBuffer()
    const path = put(folder, "shard", Buffer.concat([Buffer.alloc(1000, 7), bytes, Buffer.alloc(500, 7)]))
    const reader = await openTestDecoder({ readRoots: [path] })
    const seen = await reader.fingerprint({ kind: "range", path, offset: 1000, length: bytes.length })
    expect(seen).toEqual(await see(bytes))
  })

  it("is digested in bounded memory, however large it is", { timeout: 3 * MINUTE_MS }, async () => {
    const folder = temporaryFolder()
    const path = put(folder, "large.mp4", Buffer.from("\0\0\0\x18ftypisom\0\0\0\0isommp42", "latin1"))
    truncateSync(path, 300 * 1024 * 1024)
    const tight = await openTestDecoder({ readRoots: [folder], limits: { maxMemoryBytes: 150 * 1024 * 1024 } })
    const seen = await tight.fingerprint({ kind: "file", path })
    expect(seen).toMatchObject({ sizeBytes: 300 * 1024 * 1024, inconclusive: "media_unsupported", kind: "opaque" })
  })
})

function lateBinary(): Buffer {
  return Buffer.concat([Buffer.from("a caption ".repeat(600)), Buffer.from([0xff, 0xd8, 0xff, 0])])
}

function endOfDirectory(directoryBytes: number): Buffer {
  const end = Buffer.alloc(22)
  end.write("PK\x05\x06", "latin1")
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directoryBytes, 12)
  return end
}

function png(chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks, chunk("IEND", Buffer.alloc(0))])
}

/** Joins PNGs of one size and form into an animation; each replaces the previous one. */
async function apng(sources: readonly Promise<Buffer>[], first: readonly Buffer[] = []): Promise<Buffer> {
  const pictures = await Promise.all(sources)
  const parts = pictures.map((picture) => chunksOf(picture))
  const header = parts[0]?.find(({ name }) => name === "IHDR")?.data ?? Buffer.alloc(13)
  const count = Buffer.alloc(8)
  count.writeUInt32BE(pictures.length, 0)
  let sequence = 0
  const frames = parts.flatMap((chunks, frame) => {
    const control = Buffer.alloc(26)
    control.writeUInt32BE(sequence++, 0)
    control.writeUInt32BE(header.readUInt32BE(0), 4)
    control.writeUInt32BE(header.readUInt32BE(4), 8)
    const data = Buffer.concat(chunks.filter(({ name }) => name === "IDAT").map((part) => part.data))
    if (frame === 0) return [chunk("fcTL", control), chunk("IDAT", data)]
    const numbered = Buffer.concat([Buffer.alloc(4), data])
    numbered.writeUInt32BE(sequence++, 0)
    return [chunk("fcTL", control), chunk("fdAT", numbered)]
  })
  return png([chunk("IHDR", header), ...first, chunk("acTL", count), ...frames])
}

function chunksOf(picture: Buffer): { name: string; data: Buffer }[] {
  const chunks: { name: string; data: Buffer }[] = []
  for (let offset = 8; offset + 12 <= picture.length; ) {
    const size = picture.readUInt32BE(offset)
    chunks.push({
      name: picture.toString("latin1", offset + 4, offset + 8),
      data: picture.subarray(offset + 8, offset + 8 + size),
    })
    offset += 12 + size
  }
  return chunks
}

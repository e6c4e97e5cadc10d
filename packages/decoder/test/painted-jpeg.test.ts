import fc from "fast-check"
import sharp, { type JpegOptions } from "sharp"
import { describe, expect, it } from "vitest"
import { decode } from "../src/child/decode.ts"
import { walkJpeg } from "../src/child/jpeg-walk.ts"
import { type RandomJpeg, randomJpeg } from "./jpeg-writer.ts"
import { generator, scene, toSharp } from "./pictures.ts"
import { withSegments } from "./placements.ts"

const maxPixels = 1_000_000

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
  { quality: 100, chromaSubsampling: "4:4:4" },
]

const SIZES = [
  [256, 192],
  [131, 77],
  [17, 33],
  [9, 250],
  [1, 1],
] as const

const forms = fc.record({
  width: fc.integer({ min: 1, max: 90 }),
  height: fc.integer({ min: 1, max: 90 }),
  samplings: fc.constantFrom(...PLAIN),
  restartEvery: fc.constantFrom(0, 1, 2, 5, 40),
  quantiser: fc.integer({ min: 1, max: 255 }),
  largest: fc.constantFrom(1, 6, 100, 1_023),
  seed: fc.nat(),
})

async function bySharp(bytes: Uint8Array): Promise<Uint8Array> {
  const decoded = await decode(bytes, { failOn: "warning", limitInputPixels: maxPixels })
  if (typeof decoded === "string" || decoded.isDamaged) throw new Error("expected sharp to read it without a warning")
  return decoded.pixels.data
}

const pixelsOf = (jpeg: Uint8Array) => walkJpeg(jpeg, { maxPixels }).pixels

function sampleJpeg(form: Partial<RandomJpeg> = {}): Buffer {
  const usual = { width: 40, height: 24, samplings: [0x22, 0x11, 0x11], restartEvery: 0, quantiser: 9 }
  return randomJpeg({ ...usual, random: generator(3), ...form })
}

/** Offset of a marker's second byte in front of the coded data. */
const markerAt = (jpeg: Buffer, marker: number) => jpeg.indexOf(Buffer.from([0xff, marker])) + 1

/** A copy with bytes changed after a marker. */
function changed(jpeg: Buffer, marker: number, offset: number, ...bytes: readonly number[]): Buffer {
  const copy = Buffer.from(jpeg)
  copy.set(bytes, markerAt(jpeg, marker) + offset)
  return copy
}

/** A copy whose first Huffman table uses all sixteen codes of four bits. */
function withCodeOfOnes(jpeg: Buffer): Buffer {
  const at = markerAt(jpeg, 0xc4)
  const counts = Buffer.from(jpeg.subarray(at + 4, at + 20))
  counts[3] = 16
  const table = [Buffer.of(0, 19 + 16, 0), counts, jpeg.subarray(at + 20, at + 32), Buffer.of(12, 13, 14, 15)]
  return Buffer.concat([jpeg.subarray(0, at + 1), ...table, jpeg.subarray(at + 32)])
}

/** A header of JFIF 1.02 without a thumbnail; the major version is its sixth byte. */
const jfif = (major: number) => Buffer.from([0x4a, 0x46, 0x49, 0x46, 0, major, 2, 0, 0, 1, 0, 1, 0, 0])
const adobe = (transform: number) => Buffer.from([0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform])

describe("pixels that are made while a JPEG is walked", () => {
  it("are exactly sharp's for encoders' JPEGs", async () => {
    for (const [width, height] of SIZES) {
      for (const options of FORMS) {
        for (const colours of ["srgb", "b-w"] as const) {
          const pipeline = toSharp(scene(width, width, height)).toColourspace(colours)
          const jpeg = await pipeline.jpeg(options).toBuffer()
          const pixels = pixelsOf(jpeg)
          expect(pixels).toMatchObject({ width, height, channels: 3 })
          expect(Buffer.compare(await bySharp(jpeg), pixels?.data ?? Buffer.alloc(0))).toBe(0)
        }
      }
    }
  })

  it("are sharp's in every subsampling, size and restart interval, for colours outside RGB and any coefficient", async () => {
    await fc.assert(
      fc.asyncProperty(forms, async ({ seed, ...form }) => {
        const jpeg = randomJpeg({ ...form, random: generator(seed) })
        const pixels = pixelsOf(jpeg)
        expect(pixels).toMatchObject({ width: form.width, height: form.height, channels: 3 })
        expect(Buffer.compare(await bySharp(jpeg), pixels?.data ?? Buffer.alloc(0))).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it("stay as they are while other JPEGs are walked", async () => {
    const first = sampleJpeg()
    const pixels = pixelsOf(first)
    const before = await bySharp(first)
    for (let seed = 0; seed < 5; seed++) pixelsOf(sampleJpeg({ random: generator(seed) }))
    expect(Buffer.compare(before, pixels?.data ?? Buffer.alloc(0))).toBe(0)
  })

  it("change nothing of what the walk finds, whichever bytes are changed", () => {
    fc.assert(
      fc.property(
        forms,
        fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255))),
        (form, edits) => {
          const { seed, ...rest } = form
          const jpeg = randomJpeg({ ...rest, random: generator(seed) })
          for (const [place, byte] of edits) jpeg[Math.floor(place * jpeg.length)] = byte
          const { pixels, ...walk } = walkJpeg(jpeg, { maxPixels })
          expect(walk).toEqual(walkJpeg(jpeg))
          if (walk.state !== "whole") expect(pixels).toBeUndefined()
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it("change nothing of what the walk finds where a code of one bit states a coefficient of eleven bits", () => {
    const table = (kind: string, counts: string, symbols: string) =>
      `ffc4${(19 + symbols.length / 2).toString(16).padStart(4, "0")}${kind}${counts.padEnd(32, "0")}${symbols}`
    const header = `ffd8ffdb004300${"01".repeat(64)}ffc0000b080008000801011100`
    const codes = `${table("00", "01", "00")}${table("10", "0101", "0b00")}`
    // 0, a code for no difference; 0 and eleven bits, a coefficient; 10, the block's end; a bit that fills the byte.
    const jpeg = Buffer.from(`${header}${codes}ffda0008010100003f002005ffd9`, "hex")
    expect(walkJpeg(jpeg).state).toBe("broken")
    expect(walkJpeg(jpeg, { maxPixels }).state).toBe("broken")
  })

  it("are sharp's, or not made, of JPEGs with changed bytes that are still whole", async () => {
    let compared = 0
    const edit = fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(forms, edit, async ({ seed, ...form }, [place, byte]) => {
        const jpeg = randomJpeg({ ...form, random: generator(seed) })
        jpeg[Math.floor(place * jpeg.length)] = byte
        const pixels = pixelsOf(jpeg)
        if (pixels === undefined) return
        expect(Buffer.compare(await bySharp(jpeg), pixels.data)).toBe(0)
        compared++
      }),
      { numRuns: 1_000 },
    )
    expect(compared).toBeGreaterThan(0)
  })

  it("are made whatever says that the colours are brightness and differences, as sharp sees it", async () => {
    const plain = sampleJpeg()
    const ids = changed(changed(plain, 0xc0, 9, 7), 0xda, 4, 7)
    const said = [jfif(1), adobe(1)].map((header, i) => withSegments(plain, [[i === 0 ? 0xe0 : 0xee, header]]))
    const both = withSegments(plain, [
      [0xe0, jfif(1)],
      [0xee, adobe(0)],
    ])
    for (const jpeg of [plain, ids, ...said, both]) {
      expect(Buffer.compare(await bySharp(jpeg), pixelsOf(jpeg)?.data ?? Buffer.alloc(0))).toBe(0)
    }
  })

  it("are not made where a decoder could see the file otherwise, or would warn", async () => {
    const plain = sampleJpeg()
    const scene64 = toSharp(scene(2, 64, 48))
    const rgbIds = [0x52, 0x47, 0x42].reduce(
      (jpeg, id, i) => changed(changed(jpeg, 0xc0, 9 + 3 * i, id), 0xda, 4 + 2 * i, id),
      plain,
    )
    const files = {
      rgbByAdobe: withSegments(plain, [[0xee, adobe(0)]]),
      rgbByIds: rgbIds,
      inksOfAdobe: withSegments(plain, [[0xee, adobe(2)]]),
      otherJfif: withSegments(plain, [[0xe0, jfif(2)]]),
      progressive: await scene64.clone().jpeg({ progressive: true }).toBuffer(),
      inks: await scene64.clone().toColourspace("cmyk").jpeg().toBuffer(),
      oddSampling: sampleJpeg({ samplings: [0x11, 0x22, 0x22] }),
      oddGrey: sampleJpeg({ samplings: [0x22] }),
      otherEnd: changed(plain, 0xda, 10, 10),
      missingSteps: changed(plain, 0xc0, 11, 1),
      otherOrder: changed(changed(plain, 0xda, 4, 2), 0xda, 6, 1),
      firstSymbolOf16: changed(plain, 0xc4, 19 + 11, 16),
      codeOfOnes: withCodeOfOnes(plain),
      unknownSegment: withSegments(plain, [[0xf3, Buffer.alloc(8)]]),
      commentBehind: Buffer.concat([plain.subarray(0, -2), Buffer.of(0xff, 0xfe, 0, 2, 0xff, 0xd9)]),
      tooWide: sampleJpeg({ width: 65_501, height: 1, samplings: [0x11] }),
      padded: Buffer.concat([plain.subarray(0, -2), Buffer.of(0, 0xff, 0xd9)]),
      cut: plain.subarray(0, -40),
    }
    for (const [name, jpeg] of Object.entries(files)) expect([name, pixelsOf(jpeg)]).toEqual([name, undefined])
    expect(walkJpeg(files.codeOfOnes).state).toBe("whole")
    expect(walkJpeg(files.firstSymbolOf16).state).toBe("whole")
  })

  it("are made up to a number of pixels", () => {
    const jpeg = sampleJpeg()
    expect(walkJpeg(jpeg, { maxPixels: 40 * 24 - 1 }).pixels).toBeUndefined()
    expect(walkJpeg(jpeg, { maxPixels: 40 * 24 }).pixels).toBeDefined()
    expect(walkJpeg(jpeg).pixels).toBeUndefined()
  })

  it("are sharp's for larger pictures, after which small ones are read as before", async () => {
    const large = await sharp({ create: { width: 2_048, height: 2_048, channels: 3, background: "#358" } })
      .composite([
        {
          input: await toSharp(scene(5, 640, 480))
            .png()
            .toBuffer(),
          left: 700,
          top: 900,
        },
      ])
      .jpeg({ quality: 92 })
      .toBuffer()
    const decoded = await decode(large, { failOn: "warning", limitInputPixels: 10_000_000 })
    const expected = typeof decoded === "string" ? Buffer.alloc(1) : decoded.pixels.data
    const pixels = walkJpeg(large, { maxPixels: 10_000_000 }).pixels
    expect(Buffer.compare(expected, pixels?.data ?? Buffer.alloc(0))).toBe(0)
    const small = sampleJpeg()
    expect(Buffer.compare(await bySharp(small), pixelsOf(small)?.data ?? Buffer.alloc(0))).toBe(0)
  })
})

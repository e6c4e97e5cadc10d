import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import type { JpegOptions } from "sharp"
import { describe, expect, it } from "vitest"
import { walkJpeg } from "../src/child/jpeg-walk.ts"
import { randomJpeg } from "./jpeg-writer.ts"
import { generator, scene, toSharp } from "./pictures.ts"
import { withSegments } from "./placements.ts"

const FORMS: readonly (readonly [string, JpegOptions])[] = [
  ["sequential", {}],
  ["sequential with every colour whole", { chromaSubsampling: "4:4:4", quality: 97 }],
  ["sequential with the standard's tables", { optimiseCoding: false, quality: 30 }],
  ["progressive", { progressive: true }],
  ["progressive, fine", { progressive: true, quality: 98, chromaSubsampling: "4:4:4" }],
  ["progressive, with scans for each colour", { mozjpeg: true }],
]

describe("a JPEG from an encoder", () => {
  it.each(FORMS)("is whole in any size and any colours: %s", async (_, options) => {
    for (const [width, height] of [
      [256, 192],
      [17, 33],
      [1, 1],
      [131, 9],
    ] as const) {
      for (const colours of ["srgb", "b-w", "cmyk"] as const) {
        const jpeg = await toSharp(scene(3, width, height))
          .toColourspace(colours)
          .jpeg(options)
          .toBuffer()
        expect(walkJpeg(jpeg)).toMatchObject({ state: "whole", end: jpeg.length })
      }
    }
  })

  it("has the right end, whatever follows, and the positions of its segments", async () => {
    const jpeg = withSegments(await toSharp(scene(4)).jpeg().toBuffer(), [[0xfe, Buffer.from("a comment")]])
    const { state, end, segments } = walkJpeg(Buffer.concat([jpeg, Buffer.alloc(500, 0xd9)]))
    expect({ state, end }).toEqual({ state: "whole", end: jpeg.length })
    const [comment] = segments.filter(({ marker }) => marker === 0xfe)
    expect(jpeg.toString("latin1", comment?.start, comment?.end)).toBe("a comment")
  })

  it("is whole when zeros pad its scan", async () => {
    const jpeg = await toSharp(scene(4)).jpeg().toBuffer()
    const padded = Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(3), jpeg.subarray(-2)])
    expect(walkJpeg(padded)).toMatchObject({ state: "whole", end: padded.length })
  })
})

describe("a block with the shortest possible codes", () => {
  /**
   * One grey block. Its codes: 0 skips sixteen coefficients, 10 ends, 110 and a bit give the fifteenth coefficient from
   * here.
   */
  const blockOf = (bits: number) =>
    Buffer.concat([
      Buffer.from("ffd8ffc0000b080008000801011100ffdb00430001", "hex"),
      Buffer.alloc(63, 1),
      Buffer.from(`ffc4001400${lengths(1)}00ffc4001610${lengths(1, 1, 1)}f000e1ffda0008010100003f00`, "hex"),
      Buffer.of(bits, 0xff, 0xd9),
    ])
  const lengths = (...counts: number[]) =>
    Buffer.concat([Buffer.from(counts), Buffer.alloc(16 - counts.length)]).toString("hex")

  it.each([
    ["ends at its mark", 0b0_000_10_11, "whole"],
    ["ends with its last coefficient, without a mark", 0b0_000_110_1, "whole"],
    ["has one coefficient too many", 0b0_0000_10_1, "broken"],
    ["never ends", 0b0_0000000, "broken"],
  ])("%s", (_, bits, state) => {
    expect(walkJpeg(blockOf(bits)).state).toBe(state)
  })
})

/** A JPEG with one coded block, all zeros, of a picture with the greatest size and four colours. */
function largestInHeader(coding: "baseline" | "progressive"): Buffer {
  const [frame, band] = coding === "baseline" ? ["c0", "003f00"] : ["c2", "000000"]
  const components = [1, 2, 3, 4].map((id) => `${hex(id)}4400`).join("")
  const scan = [1, 2, 3, 4].map((id) => `${hex(id)}00`).join("")
  const table = (kind: number) => `ffc40014${hex(kind)}01${"00".repeat(15)}00`
  const header = `ffd8ffdb004300${"01".repeat(64)}ff${frame}001408ffffffff04${components}${table(0)}${table(0x10)}`
  return Buffer.from(`${header}ffda000e04${scan}${band}00ffd9`, "hex")
}

const GREY = { width: 40, height: 24, samplings: [0x11], restartEvery: 0 }

const hex = (byte: number) => byte.toString(16).padStart(2, "0")

describe("a JPEG that is not whole", () => {
  it("is not walked to the end of a size that is only stated, so that many take no time", () => {
    const jpeg = largestInHeader("baseline")
    const states = Array.from({ length: 20 }, () => walkJpeg(jpeg).state)
    expect(new Set(states)).toEqual(new Set(["broken"]))
  })

  it("is not walked where its coefficients would take gigabytes, of a size that is only stated", () => {
    const before = process.memoryUsage().rss
    expect(walkJpeg(largestInHeader("progressive")).state).toBe("other")
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024)
  })

  it("has the same state without quantisation tables, whatever was walked before", () => {
    const missing = randomJpeg({ ...GREY, quantiser: 2, random: generator(7) })
    // The tables' segment becomes one of an application.
    missing[3] = 0xe1
    const states = [1, 255].map((quantiser) => {
      walkJpeg(randomJpeg({ ...GREY, quantiser, random: generator(8) }))
      return walkJpeg(missing).state
    })
    expect(states).toEqual(["whole", "whole"])
  })

  const OPTIONS = [{}, { progressive: true }, { quality: 97 }] as const
  const jpegsOf = (picture: ReturnType<typeof scene>) =>
    Promise.all(OPTIONS.map((options) => toSharp(picture).jpeg(options).toBuffer()))

  it("is reported as cut, wherever it is cut", async () => {
    const jpegs = await jpegsOf(scene(5, 96, 72))
    fc.assert(
      fc.property(fc.constantFrom(...jpegs), fc.double({ min: 0, max: 1, noNaN: true }), (jpeg, share) => {
        const cut = jpeg.subarray(0, 4 + Math.floor((jpeg.length - 5) * share))
        expect(walkJpeg(cut).state).toBe("cut")
      }),
    )
  })

  it("is broken when coded bytes are left over or missing, or contain markers", async () => {
    for (const options of OPTIONS) {
      const jpeg = await toSharp(scene(5)).jpeg(options).toBuffer()
      const end = jpeg.length - 2
      const changed = [
        Buffer.concat([jpeg.subarray(0, end), Buffer.of(0x12, 0x34), jpeg.subarray(end)]),
        Buffer.concat([jpeg.subarray(0, end - 12), jpeg.subarray(end)]),
        Buffer.concat([jpeg.subarray(0, end - 40), Buffer.of(0xff, 0xd3), jpeg.subarray(end - 40)]),
      ]
      expect(changed.map((bytes) => walkJpeg(bytes).state)).toEqual(["broken", "broken", "broken"])
    }
  })

  it("has another coding when it is arithmetic, lossless or twelve-bit", async () => {
    const jpeg = await toSharp(scene(5)).jpeg().toBuffer()
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0))
    const changed = (
      [
        [1, 0xc9],
        [1, 0xc3],
        [4, 12],
      ] as const
    ).map(([at, value]) => {
      const bytes = Buffer.from(jpeg)
      bytes[frame + at] = value
      return walkJpeg(bytes).state
    })
    expect(changed).toEqual(["other", "other", "other"])
  })

  it("never causes an error in the walk, whatever its bytes are", async () => {
    const jpegs = await jpegsOf(scene(6, 64, 48))
    const edits = fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.constantFrom(...jpegs), edits, (jpeg, changes) => {
        const bytes = Buffer.from(jpeg)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        const { end } = walkJpeg(bytes)
        expect(end).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 500 },
    )
  })
})

const PUBLISHED = join(import.meta.dirname, "../../../../shared/data/pdq/images")

describe.skipIf(!existsSync(PUBLISHED))("published photographs (skipped without ../shared/data)", () => {
  it("are whole", () => {
    const files = readdirSync(PUBLISHED, { recursive: true, encoding: "utf8" }).filter((name) => /\.jpe?g$/i.test(name))
    const states = files.map((name) => walkJpeg(readFileSync(join(PUBLISHED, name))).state)
    expect(files.length).toBeGreaterThan(0)
    expect(new Set(states)).toEqual(new Set(["whole"]))
  })
})

import fc from "fast-check"
import { expect, it } from "vitest"
import { structureOf } from "../src/child/structure/structure-of.ts"
import { walkLossless } from "../src/child/structure/vp8l/walk.ts"
import { scene, toSharp, withAlpha } from "./pictures.ts"

const raw = scene(41, 150, 101)
const many = toSharp(scene(42, 400, 300))
const files: readonly (readonly [string, Buffer])[] = await Promise.all(
  [
    ...[0, 2, 4, 6].map((effort) => [`effort ${effort}`, toSharp(raw).webp({ lossless: true, effort })] as const),
    ["nearly lossless", toSharp(raw).webp({ nearLossless: true, quality: 40 })] as const,
    ["with alpha", withAlpha(raw, (x, y) => (x * y) % 256).webp({ lossless: true })] as const,
    ["of two tones", toSharp(raw).greyscale().threshold(120).webp({ lossless: true })] as const,
    ["of few colours", toSharp(raw).greyscale().linear(0.03, 0).webp({ lossless: true })] as const,
    ["of one colour", toSharp(raw).linear(0, 9).webp({ lossless: true })] as const,
    ["of many blocks", many.clone().webp({ lossless: true, effort: 6 })] as const,
    [
      "doubled, which refers back",
      many.clone().extend({ right: 400, extendWith: "repeat" }).webp({ lossless: true }),
    ] as const,
  ].map(async ([name, picture]) => [name, await picture.toBuffer()] as const),
)

/** The coded data, after the headers of the file and of its only chunk, or of the chunk after the extended header. */
function dataOf(file: Buffer): Buffer {
  const offset = file.indexOf("VP8L")
  return file.subarray(offset + 8, offset + 8 + file.readUInt32LE(offset + 4))
}

it.each(files)("a lossless WebP is walked to its end: %s", (_, file) => {
  expect(walkLossless(dataOf(file))).toBe("whole")
  expect(structureOf(file, "image/webp")).toMatchObject({ isBroken: false, end: file.length })
})

it.each(files)("a lossless WebP is broken when data is left over or missing: %s", (_, file) => {
  const data = dataOf(file)
  expect(walkLossless(Buffer.concat([data, Buffer.alloc(1)]))).toBe("broken")
  expect(walkLossless(data.subarray(0, -1))).toBe("broken")
})

it("walking any bytes as lossless WebP gives an answer", () => {
  const [, whole] = files[0] ?? ["", Buffer.alloc(0)]
  const start = dataOf(whole)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(400), (bytes, index) => {
      const mixed = Buffer.concat([start.subarray(0, 5 + index), bytes, start.subarray(5 + index + bytes.length)])
      expect(["whole", "broken", "other"]).toContain(walkLossless(mixed))
      // A small size, so that zero-bit codes end soon.
      expect(["whole", "broken"]).toContain(walkLossless(Buffer.concat([Buffer.from([0x2f, 20, 0, 4, 0]), bytes])))
    }),
    { numRuns: 300 },
  )
})

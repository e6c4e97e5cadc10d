import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { picturesInText } from "../../src/embedded/index.ts"
import { png } from "../support/pictures.ts"
import { nestings, written } from "../support/writings.ts"

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")
const listed = png(1)
const has = (text: string) =>
  picturesInText(text).pictures.some(({ bytes }) => Buffer.from(listed).equals(Buffer.from(bytes)))

describe("a picture inside escapes and codes in any order", () => {
  const inner = fc.constantFrom(`data:image/png;base64,${base64(listed)}`, `"${base64(listed)}"`, `x=${base64(listed)}`)
  const around = fc.constantFrom("", "see ", "a\n", '{"k":', "C:\\new\\x and ")

  it("is found", () => {
    fc.assert(
      fc.property(inner, nestings(3, 2), around, around, (text, names, before, after) => {
        expect(has(`${before}${written(text, names)} ${after}`)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it("is found when the text arrives in two chunks, with the held part of the first", () => {
    fc.assert(
      fc.property(inner, nestings(2, 1), around, fc.nat(), (text, names, before, seed) => {
        const whole = `${before}${written(text, names)} and more`
        const cut = seed % whole.length
        const { openFrom, pictures } = picturesInText(whole.slice(0, cut))
        const isBefore = pictures.some(({ bytes }) => Buffer.from(listed).equals(Buffer.from(bytes)))
        expect(isBefore || has(whole.slice(openFrom))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe("the work of searching a text for pictures", () => {
  it.each([
    ["words", "then come over here and see "],
    ["magic of JPEG", "/9j/"],
    ["magic of PNG", "iVBORw0KGgoAAAANSUhEUg"],
    ["boxes", "AAAAHGZ0eXBhdmlm"],
    ["bytes of JPEG", "\xff\xd8\xff\xc0\0\x0b\x08"],
    ["bytes of RIFF", "\0RIFFaaaaWEBPVP8 "],
    ["percent escapes of percent signs", "%25"],
    ["percent escapes around each other", "25"],
    ["references", "&#x0"],
    ["backslashes", "\\\\"],
    ["words that may begin a document", "PHN2 "],
    ["hexadecimal magic", "ffd8ff"],
  ])("is linear in %s, or reported as too much", (_, unit) => {
    const steps = (count: number) => picturesInText(`%${unit.repeat(count)}`).steps
    const [small, large] = [steps(4_000), steps(16_000)]
    expect(large).toBeLessThan(small * 4.6 + 100_000)
    expect(large).toBeLessThan(200_000 + 80 * 16_000 * unit.length)
  })

  it("finds sixty-four pictures, and reports more as too many", () => {
    const one = (seed: number) => `data:image/png;base64,${base64(png(seed + 1))}\n`
    const many = (count: number) => picturesInText(Array.from({ length: count }, (_, index) => one(index)).join(""))
    expect(many(64)).toMatchObject({ isTooMuch: false })
    expect(many(64).pictures).toHaveLength(64)
    expect(many(65).isTooMuch).toBe(true)
  })

  it("does not count pictures that show nothing or that are repeated", () => {
    const header = (seed: number) => `data:image/png;base64,${base64(Buffer.from(png(seed)).subarray(0, 33))} is one\n`
    const headers = Array.from({ length: 100 }, (_, index) => header(index + 1)).join("")
    expect(picturesInText(headers).isTooMuch).toBe(false)
    expect(picturesInText(header(1).repeat(100)).isTooMuch).toBe(false)
    const whole = `data:image/png;base64,${base64(png(1))}\n`
    expect(picturesInText(whole.repeat(100)).isTooMuch).toBe(false)
    const others = picturesInText(`${headers}${whole.repeat(100)}data:image/png;base64,${base64(png(2))}`).pictures
    expect(others.some(({ bytes }) => Buffer.from(png(2)).equals(Buffer.from(bytes)))).toBe(true)
  })
})

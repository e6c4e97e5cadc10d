import { describe, expect, it } from "vitest"
import { picturesInText } from "../../src/embedded/index.ts"
import { png } from "../support/pictures.ts"

/** Repeatable pseudo-random numbers below a limit. */
function numbers(seed: number): (limit: number) => number {
  let state = seed * 2_654_435_761 + 1
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}

const table = (rows: number, columns: number, cell: () => string, between: string) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, cell).join(between)).join("\n")

const TABLES: readonly (readonly [string, (below: (limit: number) => number) => string])[] = [
  ["a table of 50 by 20", (below) => table(50, 20, () => String(below(2)), ",")],
  ["a table of 100 by 50", (below) => table(100, 50, () => String(below(2)), ",")],
  ["a table that is mostly zero", (below) => table(100, 50, () => (below(9) === 0 ? "1" : "0"), ", ")],
  ["a table between tabs", (below) => table(100, 50, () => (below(9) === 0 ? "1" : "0"), "\t")],
  ["rows of MNIST", (below) => table(10, 785, () => String(below(5) === 0 ? below(256) : 0), ",")],
  [
    "sparse bytes",
    (below) => table(200, 16, () => (below(6) === 0 ? below(256) : 0).toString(16).padStart(2, "0"), " "),
  ],
  ["sparse pairs of bytes", (below) => table(200, 8, () => `000${below(9) === 0 ? below(3) : 0}`, " ")],
  ["a grid of Life", (below) => table(50, 50, () => (below(4) === 0 ? "1" : "0"), "")],
  ["a grid of Life with spaces", (below) => table(50, 50, () => (below(4) === 0 ? "1" : "0"), " ")],
]

describe("harmless text", () => {
  it.each(TABLES)("contains no picture: %s", (_, make) => {
    for (let seed = 1; seed <= 40; seed++) {
      const { pictures, isTooMuch } = picturesInText(make(numbers(seed)))
      expect({ pictures: pictures.length, isTooMuch }).toEqual({ pictures: 0, isTooMuch: false })
    }
  })

  it.each(["0,1,", "0000 0100 ", "00000100", "00 00 01 00\n", "AAABAA"])("is not too much: %j", (unit) => {
    expect(picturesInText(unit.repeat(40_000 / unit.length))).toMatchObject({ isTooMuch: false, pictures: [] })
  })
})

describe("a picture in hexadecimal", () => {
  const hex = Buffer.from(png(1)).toString("hex")
  it.each([
    ["in lines of an odd length", hex.replace(/.{61}/g, "$&\n")],
    ["in pairs of bytes after a letter", `a: ${hex.replace(/.{4}/g, "$& ")}`],
    ["after a table", `0,1,0,1,${hex.replace(/../g, "$&,")}1,0,1`],
  ])("is found %s", (_, text) => {
    expect(picturesInText(text).pictures.map(({ bytes }) => Buffer.from(bytes).toString("hex"))).toContain(hex)
  })
})

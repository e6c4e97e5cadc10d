import { picturesInText } from "@nightlight/core/embedded"
import fc from "fast-check"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { ColumnModule, ROLES } from "../../src/containers/parquet/addresses/column-module.ts"
import { PlainBatch } from "../../src/containers/parquet/addresses/plain-batch.ts"
import { mayHoldMore } from "../../src/containers/parquet/addresses/plain-text.ts"

const sides = [8, 16, 24]
const pictures = await Promise.all(
  sides.flatMap((side) => {
    const raw = Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * 53) % 251)
    const picture = sharp(raw, { raw: { width: side, height: side, channels: 3 } })
    return [
      picture.clone().jpeg({ quality: 20 }).toBuffer(),
      picture.clone().png({ palette: true, colours: 4 }).toBuffer(),
      picture.clone().gif({ colours: 4 }).toBuffer(),
      picture.clone().webp({ quality: 10 }).toBuffer(),
    ]
  }),
)
const escaped = (before: string) => (bytes: Buffer) =>
  Array.from(bytes, (byte) => before + byte.toString(16).padStart(2, "0")).join("")
const unlessPlain = (before: string) => (character: string) =>
  /[A-Za-z0-9]/.test(character) ? character : escaped(before)(Buffer.from(character, "latin1"))
const codes = [
  (bytes: Buffer) => bytes.toString("base64"),
  (bytes: Buffer) => `data:image/png;base64,${bytes.toString("base64url")}`,
  (bytes: Buffer) => bytes.toString("hex"),
  (bytes: Buffer) => bytes.toString("latin1"),
  escaped("%"),
  escaped("\\x"),
  escaped("\\u00"),
  escaped("="),
  (bytes: Buffer) => Array.from(bytes.toString("latin1"), unlessPlain("%")).join(""),
  (bytes: Buffer) => Array.from(bytes.toString("latin1"), unlessPlain("=")).join(""),
  (bytes: Buffer) => bytes.toString("base64").replace(/.{4}/g, "$& "),
  (bytes: Buffer) => bytes.toString("hex").replace(/.{2}/g, "$& "),
  (bytes: Buffer) => bytes.toString("base64").replace(/.{7}/g, "$&\n"),
]
const words = fc.constantFrom(
  "a caption",
  " ",
  "https://example.org/folder/name.jpg?width=200",
  "Größe ",
  "\u00a0",
  "猫 ",
  "of two cats, ",
  "\n",
  "“",
  "é",
  "100 %",
  "50%",
  "x",
  "",
)

const module = new ColumnModule({ md5: [], sha1: [], sha256: [], url: [] })

/** Whether the module does not let a text pass, and the closer test neither. */
function test(text: string): boolean {
  let isFound = false
  const batch = new PlainBatch(module, ROLES.text, (_, bytes, start, length) => {
    isFound = mayHoldMore(bytes, start, length)
  })
  const bytes = Buffer.from(`before${text}behind`)
  batch.add(0, bytes, 6, bytes.length - 12)
  batch.end()
  return isFound
}

/** Whether the module does not let a text pass. */
function isAsked(text: string): boolean {
  let isFound = false
  const batch = new PlainBatch(module, ROLES.text, () => {
    isFound = true
  })
  const bytes = Buffer.from(text)
  batch.add(0, bytes, 0, bytes.length)
  batch.end()
  return isFound
}

describe("the quick test of a cell's text", () => {
  it("is true wherever the search would find a picture", () => {
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 12 }),
        fc.constantFrom(...pictures),
        fc.constantFrom(...codes),
        fc.double({ min: 0.2, max: 1, noNaN: true }),
        (around, picture, code, share) => {
          const coded = code(picture.subarray(0, Math.ceil(picture.length * share)))
          const text = around.join("") + coded + around.toReversed().join("")
          if (picturesInText(text).pictures.some(({ shows }) => shows)) expect(test(text)).toBe(true)
        },
      ),
      { numRuns: 400 },
    )
  })

  it("finds whole pictures in each code", () => {
    for (const picture of pictures) for (const code of codes) expect(test(`see ${code(picture)}.`)).toBe(true)
  })

  it.each([
    "svg",
    "xpm",
    "ftyp",
    "JFIF",
    "GIF8",
    "IHDR",
    "%pdf",
    "bits",
    "binh",
    "begin ",
    "webp",
    "data:",
    "%!",
    "<!",
    "<?",
    "iVBORw",
    "UklG",
    "R0lG",
    "se64,",
    "/9j/",
    "ffd8ff",
    "89504e",
    "474946",
    "524946",
  ])("sees the sign %j at each place of a text, in either case", (sign) => {
    for (let before = 0; before < 36; before++) {
      for (const behind of [0, 1, 15, 16]) {
        for (const spelt of [sign, sign.toUpperCase(), sign.toLowerCase()]) {
          expect(isAsked("~".repeat(before) + spelt + "~".repeat(behind))).toBe(true)
        }
      }
    }
  })

  it.each(["iVBORw", "UklG", "R0lG", "se64,", "/9j/", "ffd8ff", "89504e", "474946", "524946"])(
    "sees the sign %j with blanks between its letters",
    (sign) => {
      for (const blank of [" ", "\t", "\r\n", "   "]) {
        for (let before = 0; before < 20; before++) {
          expect(isAsked("~".repeat(before) + sign.split("").join(blank))).toBe(true)
        }
      }
    },
  )

  it.each([
    "a caption of two cats",
    "Größe: 100 % – “quoted”, with an apostrophe’s mark",
    "https://h1.example/p/1.jpg?w=1&h=%20",
    "https://cdn.example.org/8950/47d8f/e64/895494.jpg?id=0e640d8f0",
    `https://example.org/${"a-folder.of/".repeat(30)}picture.jpg`,
    "кошка и собака, два рыжих котёнка в корзине у окна, и ещё один чёрный кот, который смотрит на птиц во дворе",
    `a long caption, ${"in which nothing is but words, and then some more of them. ".repeat(20)}`,
  ])("lets words alone: %s", (text) => {
    expect(test(text)).toBe(false)
  })
})

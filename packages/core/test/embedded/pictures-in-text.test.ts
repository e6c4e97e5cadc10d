import { describe, expect, it } from "vitest"
import { picturesInText } from "../../src/embedded/index.ts"
import { bmp, gif, ico, jpegOf, png } from "../support/pictures.ts"

const M = png(1)
const b64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64")
const url = (bytes: Uint8Array, type = "image/png") => `data:${type};base64,${b64(bytes)}`
const found = (text: string) => picturesInText(text).pictures.map(({ bytes }) => Buffer.from(bytes).toString("hex"))
const has = (text: string, picture: Uint8Array = M) => found(text).includes(Buffer.from(picture).toString("hex"))
const percent = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) =>
    byte > 0x2d && byte < 0x7f ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`,
  ).join("")
const javascript = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")

const NAMES = Array.from(
  { length: 12 },
  (_, index) => `keep_the_garden_${"stone".repeat(1 + (index % 3))}_near_${index}`,
)

describe("a picture in a text", () => {
  const C = png(2)
  it.each([
    ["as a data: URL", `see ![x](${url(M)}) there`],
    ["after another one and a line end", `${url(C).replace(/=+$/, "")}\n${url(M)}`],
    ["directly after another one", `${url(C).replace(/=+$/, "")}${url(M)}`],
    ["with slashes escaped as in PHP", `"${url(M).replaceAll("/", "\\/")}"`],
    ["without a type", url(M, "")],
    ["as bytes of an unknown type", url(M, "application/octet-stream")],
    ["with a space before base64", `data:image/png; base64,${b64(M)}`],
    ["in percent escapes", `data:image/png,${percent(M)}`],
    ["in doubled percent escapes", `data:image/png,${percent(M).replaceAll("%", "%25")}`],
    ["with HTML references", url(M).replace(":", "&#58;").replaceAll("+", "&#43;").replaceAll("/", "&sol;")],
    ["in an HTML document in a data: URL", `data:text/html;base64,${b64(`<p>here you are</p><img src="${url(M)}">`)}`],
    ["in a drawing in a data: URL", `data:image/svg+xml,${encodeURIComponent(`<svg><image href="${url(M)}"/></svg>`)}`],
    ["in a document in UTF-16", `data:text/html;base64,${b64(Buffer.from(`\ufeff<img src="${url(M)}">`, "utf16le"))}`],
    ["in JSON in base64", b64(JSON.stringify({ created: 12, data: [{ b64_json: b64(M) }] }))],
    ["bare", b64(M)],
    ["without a label, after letters", `xyz${b64(M)}`],
    ["in JSON", `{"b64_json":"${b64(M)}"}`],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ image: url(M) }))],
    ["across lines", b64(M).replace(/(.{76})/g, "$1\r\n")],
    ["in groups of four", b64(M).replace(/(.{4})/g, "$1 ")],
    [
      "with spaces anywhere",
      b64(M)
        .replace(/(.{1,7})/g, "$1 ")
        .replace(/(.{29})/g, "$1\n"),
    ],
    ["with invisible characters in between", b64(M).replace(/(.{9})/g, "$1\u200b")],
    ["in the other alphabet", b64(M).replaceAll("+", "-").replaceAll("/", "_")],
    ["before words", `${b64(M).replace(/=+$/, "")} and then some words follow`],
    ["in hexadecimal", Buffer.from(M).toString("hex")],
    ["in C", Array.from(M, (byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(", ")],
    ["as a byte string", `b'${javascript(M)}'`],
    ["as a decoded byte string", Buffer.from(M).toString("latin1")],
    ["in JSON escapes", Array.from(M, (byte) => `\\u${byte.toString(16).padStart(4, "0")}`).join("")],
    ["in base64 in base64", b64(`a picture for you: ${b64(M)}`)],
  ])("is found %s", (_, text) => {
    expect(has(text)).toBe(true)
  })

  const LETTERS = "déjà vu, café, là-bas, été, garçon, naïve: "
  it.each([
    ["with letters of three bytes", Buffer.from(`标题是什么东西呢${"很长的一段文字".repeat(20)} ![x](${url(M)})`)],
    ["with a character beyond the first plane", Buffer.from(`😀 ![x](${url(M)})`)],
    ["with letters of two bytes", Buffer.from(`été <img src="${url(M)}">`)],
    ["in Latin-1", Buffer.from(`<p>${LETTERS}</p><img src="${url(M)}">`, "latin1")],
    ["with a control character in it", Buffer.from(`<p>a\x7fb\x01c</p><img src="${url(M)}">`)],
    ["with a replacement character", Buffer.from(`<p>a\ufffdb</p><img src="${url(M)}">`)],
  ])("is found in a document in base64 or hexadecimal %s", (_, document) => {
    for (const written of [document.toString("base64"), document.toString("hex")]) {
      expect(has(`data:text/html;base64,${written}`)).toBe(true)
      expect(has(`it is ${written} there`)).toBe(true)
    }
  })

  const UNSEEN = [
    0x00, 0x01, 0x0b, 0x1f, 0x7f, 0x85, 0xa0, 0x34f, 0x180e, 0x2009, 0x200b, 0x2028, 0x202a, 0x202e, 0x2066,
  ]
  it.each([...UNSEEN, 0x3000, 0x3164, 0xfe0f, 0xe0020, 0xe0100])(
    "is found with an invisible character between digits: %i",
    (code) => {
      const unseen = String.fromCodePoint(code)
      expect(has(b64(M).replace(/.{9}/g, `$&${unseen}`))).toBe(true)
      expect(has(b64(M).replace(/./g, `$&${unseen}`))).toBe(true)
      expect(has(Buffer.from(M).toString("hex").replace(/../g, `$&${unseen}`))).toBe(true)
      expect(has(Buffer.from(M).toString("hex").replace(/.{60}/g, `$&${unseen}`))).toBe(true)
    },
  )

  it.each([
    ["", ","],
    ["\n", ","],
    ["\r\n", ",\n      "],
  ])("is found in a list of lines, as in notebooks: %j %j", (lineEnd, between) => {
    const large = png(4)
    const lines = b64(large).match(/.{1,24}/g) ?? []
    const strings = lines.map((line) => JSON.stringify(`${line}${lineEnd}`)).join(between)
    const notebook = `{"outputs":[{"data":{"image/png":[${strings}],"text/plain":["<Figure>"]}}]}`
    expect(has(notebook, large)).toBe(true)
    expect(has(JSON.stringify({ notebook }), large)).toBe(true)
    for (let cut = 0; cut < notebook.length; cut += 3) {
      const { openFrom, pictures } = picturesInText(notebook.slice(0, cut))
      const isBefore = pictures.some(({ bytes }) => Buffer.from(large).equals(Buffer.from(bytes)))
      expect(isBefore || has(notebook.slice(openFrom), large)).toBe(true)
    }
  })

  it("is found or reported as too much, however often it is escaped", () => {
    const missed: string[] = []
    for (const wrap of [encodeURIComponent, JSON.stringify]) {
      let text = `{"image":"${percent(M)}","again":"${url(M)}"}`
      for (let times = 1; times <= 40 && text.length < 100_000; times++) {
        text = wrap(text)
        const { isTooMuch } = picturesInText(text)
        if (!isTooMuch && !has(text)) missed.push(`${wrap.name} ${times}`)
      }
    }
    expect(missed).toEqual([])
  })

  it.each([20, 60, 64, 76])("is found in a list of lines of %i characters", (length) => {
    const large = png(4)
    for (const code of [b64(large), Buffer.from(large).toString("hex")]) {
      const lines = code.match(new RegExp(`.{1,${length}}`, "g")) ?? []
      expect(has(`x = [\n${lines.map((line) => `    '${line}',`).join("\n")}\n]`, large)).toBe(true)
      expect(has(JSON.stringify({ names: NAMES, lines }), large)).toBe(true)
    }
  })

  it("is found in a list of lines of any lengths", () => {
    const large = png(4)
    for (const code of [b64(large), Buffer.from(large).toString("base64url"), Buffer.from(large).toString("hex")]) {
      const uneven: string[] = []
      for (let from = 0, size = 24; from < code.length; from += size, size = 21 + (from % 9))
        uneven.push(code.slice(from, from + size))
      expect(has(JSON.stringify(uneven), large)).toBe(true)
    }
  })

  it("is found in a list of lines when it has only one colour", () => {
    const flat = Buffer.alloc(54 + 3 * 32 * 32)
    flat.write("BM")
    const fields = [flat.length, 0, 54, 40, 32, 32, 0x180001]
    for (const [k, field] of fields.entries()) flat.writeUInt32LE(field, 2 + 4 * k)
    const lines = b64(flat).match(/.{1,140}/g) ?? []
    expect(has(JSON.stringify({ lines }), flat)).toBe(true)
  })

  it("is searched for in source code full of escapes and names in few steps", () => {
    const escapes = `${String.raw`s{\\([\w%])}{\x5c$1}; # "%41", '%2541', "\\n\n", '\\\\x' &amp;amp;`}\n`
    const source = `${JSON.stringify(NAMES, undefined, 2)}\n${escapes}`.repeat(20)
    expect(picturesInText(source).steps).toBeLessThan(64 * source.length)
    const masks = `${String.raw`'all' => "\x55\x00\x00\x01\x00\x00\x00\x40", # 25% of it`}\n`
    expect(picturesInText(masks.repeat(400)).steps).toBeLessThan(32 * masks.length * 400)
  })

  it("is searched for in lists of words within the limit on work", () => {
    const words = JSON.stringify(Array.from({ length: 5_000 }, (_, index) => `words "${index}"\n`))
    for (const text of [
      words,
      JSON.stringify(words),
      '","'.repeat(9_000),
      `"${" ".repeat(40_000)}`,
      '["abcd", '.repeat(9_000),
    ]) {
      expect(picturesInText(text).isTooMuch).toBe(false)
    }
  })

  it("is found in C source across indented lines", () => {
    const bytes = Array.from(M, (byte) => `0x${byte.toString(16).padStart(2, "0")}, `)
    expect(has(bytes.map((byte, index) => (index % 8 === 0 ? `\n        ${byte}` : byte)).join(""))).toBe(true)
  })

  it.each([
    ["JPEG", jpegOf()],
    ["GIF", gif()],
    ["BMP", bmp()],
    ["icon", ico()],
  ])("is recognised by its bytes: %s", (_, picture) => {
    expect(has(`data:;base64,${b64(picture)}`, picture)).toBe(true)
    expect(has(b64(picture), picture)).toBe(true)
  })

  it.each([
    ["the first entry of the icon is out of bounds", ico((icon) => icon.writeUInt32LE(0x7fffffff, 18), 2)],
    ["the icon has an implausible number of entries", ico(() => undefined, 300)],
    ["an unused byte is set", ico((icon) => icon.writeUInt8(7, 9))],
    ["the bitmap does not state its pixel offset", bmp((bitmap) => bitmap.writeUInt32LE(0, 10))],
    ["the bitmap has a shortened OS/2 header", bmp((bitmap) => bitmap.writeUInt32LE(48, 14))],
  ])("shows something when %s", (_, picture) => {
    const { pictures } = picturesInText(`data:image/x-icon;base64,${b64(picture)}`)
    expect(pictures.some(({ shows }) => shows)).toBe(true)
  })
})

/** A codestream that cannot be decoded: a header, and effectively random bytes. */
function codestream(sizeBytes = 400): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  let state = 7
  for (let k = 0; k < sizeBytes; k++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[k] = state >>> 16
  }
  bytes.set([0xff, 0x0a, 0x41])
  return bytes
}

describe("a JPEG XL picture without its container", () => {
  const picture = codestream()
  const WRITINGS = [
    ["in a data: URL", `see data:image/jxl,${percent(picture)}`],
    ["in a data: URL without a type", `<img src=data:,${percent(picture)}>`],
    ["as a byte string", `draw(b'${javascript(picture)}')`],
    ["as a string after a JSON escape", JSON.stringify({ code: `x = "${javascript(picture)}"` })],
    ["at the very beginning", Buffer.from(picture).toString("latin1")],
  ] as const

  it.each(WRITINGS)("is found %s, with an unknown end", (_, text) => {
    const jxl = picturesInText(text).pictures.filter(({ mediaType }) => mediaType === "image/jxl")
    expect(jxl.map(({ isWhole, shows }) => ({ isWhole, shows }))).toContainEqual({ isWhole: false, shows: true })
    const begins = (hex: string) => hex.startsWith(Buffer.from(picture).toString("hex"))
    expect(jxl.some(({ bytes }) => begins(Buffer.from(bytes).toString("hex")))).toBe(true)
  })

  it.each(WRITINGS)("is held back when the text is cut: %s", (_, text) => {
    const shown = (one: string) => picturesInText(one).pictures.some(({ shows }) => shows)
    for (let cut = 0; cut < text.length; cut += 3) {
      const { openFrom } = picturesInText(text.slice(0, cut))
      expect(shown(text.slice(0, cut)) || shown(text.slice(openFrom))).toBe(true)
    }
  })

  const WORDS = "where it is not there, an error tells the reader so. ".repeat(12)
  it.each([
    ["escapes in a tutorial", `# good = %00, %B1, %FF\n    # bad = %H0, %6K, %QR\n${WORDS}`],
    ["few escapes", `%00%FF\n   #good = %H0${WORDS}`],
    ["a line end after an escape in a string", `if x == "\\xff\\n${WORDS}" or "\\0"`],
    ["a short byte string", `x = b"\\xff\\x0a\\x00\\x80"\n${WORDS}`],
    ["words that look like a box", `"\\xff\\n\\0\\0good ${WORDS}`],
  ])("is not found in %s", (_, text) => {
    expect(picturesInText(text)).toMatchObject({ pictures: [], isTooMuch: false })
  })
})

describe("text that is not a picture", () => {
  it.each([
    ["a tutorial", "write data:image/png;base64,iVBORw0KGgo... there"],
    ["a longer tutorial", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAA and so on"],
    ["a path", "/workspaces/company/monorepo/packages/frontend/src/components/navigation/sidebar/items/index"],
    [
      "words after a path",
      "/work and then we go on with words that have no stop for a very long time as some people write",
    ],
  ])("shows no picture: %s", (_, text) => {
    expect(picturesInText(text).pictures.filter(({ shows }) => shows)).toEqual([])
  })
})

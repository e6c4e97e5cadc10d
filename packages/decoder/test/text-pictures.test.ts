import { mayHoldPictures } from "@nightlight/core/embedded"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { undoQuotedPrintable } from "../src/child/texts/quoted-printable.ts"
import { scene, toSharp } from "./pictures.ts"
import { fingerprintHere, firstView, nearest } from "./support.ts"

const raw = scene(3, 128, 96)
const [JPEG, PNG, OTHER] = await Promise.all([
  toSharp(raw).jpeg().toBuffer(),
  toSharp(raw).png().toBuffer(),
  toSharp(scene(4, 128, 96))
    .webp()
    .toBuffer(),
])
const base64 = JPEG.toString("base64")
const url = `data:image/jpeg;base64,${base64}`
const inLines = base64.replace(/.{76}/g, "$&\r\n")
const quoted = Array.from(PNG, (byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`)
  .join("")
  .replace(/.{72}/g, "$&=\r\n")

const TEXTS: readonly (readonly [string, string])[] = [
  ["a JSON field", JSON.stringify({ image: base64 })],
  [
    "a chat of JSON lines",
    `{"messages":[]}\n${JSON.stringify({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] })}\n`,
  ],
  ["JSON whose slashes are escaped", JSON.stringify({ url }).replaceAll("/", "\\/")],
  ["a table", `id,image\n1,"${base64}"\n2,x\n`],
  ["a web page", `<!doctype html><p>words</p><img src="${url}">`],
  ["a drawing", `<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}"/></svg>`],
  ["Markdown", `# A title\n\n![a picture](${url})\n`],
  [
    "a notebook",
    JSON.stringify({
      cells: [{ outputs: [{ data: { "image/png": [PNG.toString("base64").replace(/.{76}/g, "$&\n")] } }] }],
    }),
  ],
  [
    "a notebook with a list of lines",
    JSON.stringify(
      {
        cells: [{ outputs: [{ data: { "image/png": PNG.toString("base64").replace(/.{76}/g, "$&\n|").split("|") } }] }],
      },
      undefined,
      1,
    ),
  ],
  ["mail", `MIME-Version: 1.0\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n${inLines}\r\n`],
  [
    "mail in quoted-printable",
    `Content-Type: image/png\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quoted}\r\n`,
  ],
  ["mail with a folded header", `Content-Transfer-Encoding:\r\n quoted-printable\r\n\r\n${quoted}\r\n`],
  ["quoted-printable without its header", `The picture:\r\n${quoted}\r\n`],
  [
    "a page in quoted-printable",
    `<p>words</p>\r\n<img src=3D"data:image/png;base64,${PNG.toString("base64").replace(/.{70}/g, "$&=\r\n")}">\r\n`,
  ],
  ["mail inside JSON lines", `${JSON.stringify({ mail: `Content-Type: image/png\r\n\r\n${quoted}\r\n` })}\n`],
  ["hexadecimal", `x: ${JPEG.toString("hex")}`],
  [
    "a page inside a page",
    `<iframe src="data:text/html;base64,${Buffer.from(`<img src="${url}">`).toString("base64")}">`,
  ],
]

describe("a picture in a text", () => {
  it.each(TEXTS)("is hashed as a frame of the text: %s", async (_, text) => {
    const listed = firstView(await fingerprintHere(PNG))
    const seen = await fingerprintHere(Buffer.from(text))
    expect(["text", "opaque"]).toContain(seen.kind)
    expect(nearest(seen, listed).distanceBits).toBeLessThanOrEqual(12)
    expect(seen.inconclusive).toBe(seen.kind === "text" ? undefined : "media_unsupported")
  })

  it("is hashed beside others, each as its own frame", async () => {
    const webp = `data:image/webp;base64,${OTHER.toString("base64")}`
    const { picture } = await fingerprintHere(Buffer.from(JSON.stringify([url, webp, url])))
    expect(picture).toMatchObject({ frames: 2, width: 128, height: 96 })
    expect(new Set(picture?.views.map(({ frame }) => frame))).toEqual(new Set([0, 1]))
  })

  it("is found in a text that is read in chunks, wherever a chunk ends", async () => {
    const filler = "the words of a long text go on and on, one after the other\n"
    const before = filler.repeat(Math.ceil((9 * 1024 * 1024) / filler.length))
    const start = 9 * 1024 * 1024 - Math.floor(url.length / 2)
    const listed = firstView(await fingerprintHere(PNG))
    for (const shift of [0, 1_000_000]) {
      const text = `${before.slice(0, start - shift)}\n${url}\n${filler.repeat(2_000)}`
      const seen = await fingerprintHere(Buffer.from(text))
      expect(seen).toMatchObject({ kind: "text", mediaType: "text/plain" })
      expect(nearest(seen, listed).distanceBits).toBeLessThanOrEqual(12)
    }
  })

  it("makes the text inconclusive when it cannot be decoded or there are too many, but not when it shows nothing", async () => {
    const cut = JPEG.subarray(0, JPEG.length / 2).toString("base64")
    expect(await fingerprintHere(Buffer.from(`data:image/jpeg;base64,${cut}`))).toMatchObject({
      kind: "text",
      inconclusive: expect.stringMatching(/picture_/),
    })
    const lesson = "A PNG in base64 begins with iVBORw0KGgoAAAANSUhEUgAAAAE, as in data:image/png;base64,iVBORw0KGgo="
    expect((await fingerprintHere(Buffer.from(lesson))).inconclusive).toBeUndefined()
    expect(
      await fingerprintHere(Buffer.from(JSON.stringify([url, PNG.toString("base64")])), { maxFrames: 1 }),
    ).toMatchObject({
      inconclusive: "frame_limit",
    })
  })
})

describe("quoted-printable", () => {
  it("is decoded the same in two chunks, wherever they are cut, when the incomplete part is read again", () => {
    const text = `${"=E2=9C=93".repeat(20)} a=\r\nb= \t\nc=\\r\\nd=\\ne =4A= 7 =`
    const whole = undoQuotedPrintable(`${text}41`)?.text
    expect(whole?.endsWith(" abcde J= 7 A")).toBe(true)
    for (let cut = 181; cut <= text.length; cut++) {
      const first = undoQuotedPrintable(text.slice(0, cut))
      const openFrom = first?.positionOf(Number.POSITIVE_INFINITY) ?? 0
      expect(openFrom).toBeGreaterThan(cut - 6)
      const rest = `${"=41".repeat(20)}${text.slice(openFrom)}41`
      const before = undoQuotedPrintable(text.slice(0, openFrom))?.text ?? ""
      expect(`${before}${undoQuotedPrintable(rest)?.text.slice(20)}`).toBe(whole)
    }
  })

  it("is not assumed in texts with a few equals signs", () => {
    expect(undoQuotedPrintable("width=40 height=30 a=b")).toBeUndefined()
  })
})

describe("the quick test for pictures", () => {
  it("does not miss a code that is split into words or lines of any length", () => {
    const written = fc.constantFrom(base64, Buffer.from(base64, "base64").toString("hex"))
    const widths = fc.oneof(
      fc.integer({ min: 2, max: 90 }).map((width) => [width]),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 9 }),
    )
    fc.assert(
      fc.property(written, widths, fc.constantFrom(" ", "\n", "\r\n", "\t"), (code, lengths, separator) => {
        const words: string[] = []
        for (let offset = 0, n = 0; offset < 2_000; n++) {
          const length = lengths[n % lengths.length] ?? 1
          words.push(code.slice(offset, offset + length))
          offset += length
        }
        expect(mayHoldPictures(`some words before: ${words.join(separator)}`)).toBe(true)
      }),
    )
  })

  it("recognises the escapes of any picture's first bytes, after any number of backslashes", () => {
    const beginnings = [
      "ffd8ffe0",
      "89504e470d0a1a0a",
      "474946383961",
      "524946460011223357454250",
      "49492a0008",
      "4d4d002a00",
      "0000001c6674797061766966",
    ]
    const escapes = ["\\x", "\\\\x", "\\\\\\\\x", "%", "=", "\\u00", "\\\\u00"]
    for (const beginning of beginnings) {
      for (const mark of escapes) {
        for (const digits of [beginning, beginning.toUpperCase()]) {
          expect(mayHoldPictures(`it is ${digits.replace(/../g, `${mark}$&`)} there`)).toBe(true)
        }
      }
    }
    for (const mark of escapes) expect(mayHoldPictures(`${mark}c3 and `.repeat(40))).toBe(true)
    expect(mayHoldPictures("\\x1b[0m, at 100% of =20, and then the words go on for some time\n".repeat(99))).toBe(false)
  })

  it("does not miss a code with invisible characters between its letters", () => {
    for (const unseen of ["\u200b", "\u3164", "\ufe0f", "\u2028", "\u00a0", "\0", "\v", "\u{e0020}"]) {
      const code = base64.slice(8, 2_000).replace(/.{40}/g, `$&${unseen}`)
      expect(mayHoldPictures(`some words ${code}`)).toBe(true)
    }
  })

  it("takes linear time in backslashes and percent signs", () => {
    const start = performance.now()
    for (const unit of ["\\", "%25", "%", "25", "\\x", "="]) mayHoldPictures(`% ${unit.repeat(300_000)}`)
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it("rejects prose, source code, links and digests", () => {
    for (const text of [
      "Generated shapes, a red square on a blue ground. ".repeat(200),
      `{"url":"https://pictures.example/a/b/c/0001.jpg?w=800&h=600","sha256":"${"0123456789abcdef".repeat(4)}"}\n`.repeat(
        50,
      ),
      "const value = items.map((item) => item.name).filter((name) => name !== undefined)\n".repeat(50),
      "https://example.com/a-rather-long-path/that-goes-on/and-on/for-a-while/index.html\n".repeat(20),
    ]) {
      expect(mayHoldPictures(text)).toBe(false)
    }
  })

  it("never misses a picture, however its code is escaped or split", () => {
    const escapes: readonly ((letter: string) => string)[] = [
      (letter) => letter,
      (letter) => `&#${letter.charCodeAt(0)};`,
      (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`,
      (letter) => `%${letter.charCodeAt(0).toString(16)}`,
      (letter) => `\\x${letter.charCodeAt(0).toString(16)}`,
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...escapes),
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom("", "\n", "\r\n", "\\n"),
        fc.integer({ min: 60, max: 90 }),
        (write, every, lineEnd, width) => {
          const escaped = Array.from(base64.slice(0, 2_000), (letter, i) =>
            i % every === 0 ? write(letter) : letter,
          ).join("")
          const broken =
            lineEnd === "" ? escaped : escaped.replace(new RegExp(`[^&%\\\\]{${width}}`, "g"), `$&${lineEnd}`)
          expect(mayHoldPictures(`some words before ${broken} and after`)).toBe(true)
        },
      ),
    )
  })
})

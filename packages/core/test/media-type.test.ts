import { gzipSync } from "node:zlib"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { SNIFF_BYTES, sniffMedia, TextSearch } from "../src/index.ts"

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const utf8 = (text: string) => new TextEncoder().encode(text)

function concat(...parts: readonly (Uint8Array | readonly number[] | string)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...ascii(part)] : [...part])))
}

const sniff = (...parts: readonly (Uint8Array | readonly number[] | string)[]) => {
  const bytes = concat(...parts)
  return sniffMedia(bytes, bytes.length)
}

/** The type of a text that arrives in chunks. */
function searched(text: string, pieceChars: number) {
  const search = new TextSearch()
  for (let offset = 0; offset < text.length; offset += pieceChars) search.push(text.slice(offset, offset + pieceChars))
  const head = utf8(text).subarray(0, SNIFF_BYTES)
  return search.conclude(sniffMedia(head, utf8(text).length))
}

const zeros = (count: number) => new Uint8Array(count)
const box = (name: string, ...brands: readonly string[]) => [
  0,
  0,
  0,
  8 + 4 * (brands.length + 1),
  ...ascii(name),
  ...ascii(brands[0] ?? ""),
  0,
  0,
  0,
  0,
  ...ascii(brands.slice(1).join("")),
]
const pngChunk = (name: string, data: Uint8Array) => concat([0, 0, 0, data.length], name, data, [0, 0, 0, 0])

describe("sniffMedia", () => {
  it.each([
    ["image/jpeg", "picture", concat([0xff, 0xd8, 0xff, 0xe0], zeros(20))],
    [
      "image/png",
      "picture",
      concat("\x89PNG\r\n\x1a\n", pngChunk("IHDR", zeros(13)), pngChunk("IDAT", zeros(4)), pngChunk("acTL", zeros(8))),
    ],
    [
      "image/apng",
      "picture",
      concat("\x89PNG\r\n\x1a\n", pngChunk("IHDR", zeros(13)), pngChunk("acTL", zeros(8)), pngChunk("IDAT", zeros(4))),
    ],
    ["image/gif", "picture", concat("GIF89a", zeros(10))],
    ["image/webp", "picture", concat("RIFF", [4, 0, 0, 0], "WEBPVP8 ")],
    ["image/tiff", "picture", concat("II*\0", zeros(8))],
    ["image/tiff", "picture", concat("MM\0*", zeros(8))],
    ["image/avif", "picture", concat(box("ftyp", "avif", "mif1"))],
    ["image/avif", "picture", concat(box("ftyp", "mif1", "avif"))],
    ["image/avif-sequence", "picture", concat(box("ftyp", "avis", "avif"))],
    ["image/heic", "opaque", concat(box("ftyp", "heic", "mif1"))],
    ["image/bmp", "picture", concat("BM", zeros(12), [40, 0, 0, 0], zeros(36))],
    ["image/jxl", "opaque", concat([0xff, 0x0a], zeros(4))],
    ["image/jp2", "opaque", concat([0, 0, 0, 0x0c], "jP  \r\n\x87\n")],
    ["image/vnd.adobe.photoshop", "opaque", concat("8BPS", [0, 1], zeros(20))],
    [
      "image/vnd.microsoft.icon",
      "picture",
      concat([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 9, 9, 0, 0, 22, 0, 0, 0]),
    ],
    ["image/x-portable-anymap", "opaque", concat("P6\n# made manually\n2 2\n255\n", [1, 2, 3, 200])],
    ["image/x-portable-anymap", "opaque", ascii("P2 2 2 255 1 2 3 4\n")],
    ["video/mp4", "opaque", concat(box("ftyp", "isom", "mp42"))],
    ["video/quicktime", "opaque", concat(box("ftyp", "qt  "))],
    ["video/quicktime", "opaque", concat([0, 0, 0, 16], "moov", zeros(8))],
    ["video/webm", "opaque", concat([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x84], "webm")],
    ["video/x-matroska", "opaque", concat([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x88], "matroska")],
    ["video/x-msvideo", "opaque", concat("RIFF", [4, 0, 0, 0], "AVI LIST")],
    ["video/mpeg", "opaque", concat([0, 0, 1, 0xba], zeros(8))],
    ["video/x-flv", "opaque", concat("FLV\x01", [5, 0, 0, 0, 9])],
    ["audio/wav", "opaque", concat("RIFF", [4, 0, 0, 0], "WAVEfmt ")],
    ["audio/mpeg", "opaque", concat("ID3\x04", zeros(10))],
    ["audio/mpeg", "opaque", concat([0xff, 0xfb, 0x90, 0x00], zeros(20))],
    ["audio/ogg", "opaque", concat("OggS", zeros(20))],
    ["audio/flac", "opaque", concat("fLaC", zeros(20))],
    ["application/pdf", "opaque", ascii("%PDF-1.7\n1 0 obj\n")],
    ["application/pdf", "opaque", concat(zeros(100), "%PDF-1.7\n")],
    ["application/postscript", "opaque", ascii("%!PS-Adobe-3.0\n")],
    ["application/vnd.apache.parquet", "opaque", concat("PAR1", [0x15, 0, 0x15])],
    ["application/vnd.apache.arrow.file", "opaque", concat("ARROW1\0\0", zeros(8))],
    ["application/vnd.sqlite3", "opaque", ascii("SQLite format 3\0")],
    ["application/x-pickle", "opaque", concat([0x80, 4, 0x95], zeros(8))],
    ["application/x-tfrecord", "opaque", concat([0x2a, 0, 0, 0, 0, 0, 0, 0, 0xae, 0x8d, 0x91, 0xf5], zeros(4))],
    ["application/x-7z-compressed", "opaque", concat([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], zeros(4))],
    ["application/vnd.rar", "opaque", ascii("Rar!\x1a\x07\x01\0")],
    ["application/x-xz", "opaque", concat([0xfd], "7zXZ\0")],
    ["application/x-bzip2", "opaque", concat("BZh91AY&SY", zeros(8))],
    ["application/zstd", "archive", concat([0x28, 0xb5, 0x2f, 0xfd], zeros(4))],
    ["application/zstd", "archive", concat([0x5a, 0x2a, 0x4d, 0x18], zeros(4))],
    ["application/zip", "archive", concat("PK\x03\x04", zeros(26))],
    ["application/zip", "archive", concat("PK\x05\x06", zeros(18))],
    ["application/gzip", "archive", gzipSync("x")],
    ["application/x-tar", "archive", tarHeader("ustar")],
    ["application/x-tar", "archive", tarHeader("")],
    ["application/x-npy", "array", concat("\x93NUMPY\x01\0", zeros(8))],
    ["application/x-safetensors", "array", concat([2, 0, 0, 0, 0, 0, 0, 0], "{}")],
    ["text/plain", "text", utf8("a red square on a blue ground, naïve ✓\r\n\tindented\n")],
    ["text/plain", "text", concat([0xff, 0xfe], [0x61, 0, 0x0a, 0])],
    ["application/json", "text", utf8(' {"caption": "a square"}')],
    ["application/xml", "text", utf8('<?xml version="1.0"?><note/>')],
    ["text/html", "text", utf8("<!DOCTYPE html><p>hello")],
    ["application/x-empty", "text", zeros(0)],
    ["application/octet-stream", "unknown", concat("text with a NUL\0")],
    ["application/octet-stream", "unknown", concat("latin-1: caf\xe9 au lait")],
    ["application/octet-stream", "unknown", concat([1, 2, 3, 4, 5])],
  ])("recognises %s as %s", (mediaType, kind, bytes) => {
    expect(sniffMedia(bytes, bytes.length)).toEqual({ mediaType, kind })
  })

  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "<svg>",
    ' \n<?xml version="1.0"?>\n<!-- a > b --><svg width="1">',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/svg11.dtd"><svg>',
    '<!DOCTYPE svg [ <!ENTITY a "b"> ]><svg>',
    '<s:svg xmlns:s="http://www.w3.org/2000/svg">',
    '<g:wrapper xmlns:g="urn:x"><b xmlns="http://www.w3.org/2000/svg"/></g:wrapper>',
  ])("recognises an SVG after any prolog: %s", (text) => {
    const utf16 = concat(
      [0xff, 0xfe],
      Array.from(text).flatMap((character) => [character.charCodeAt(0), 0]),
    )
    for (const bytes of [utf8(text), concat([0xef, 0xbb, 0xbf], utf8(text)), utf16]) {
      expect(sniffMedia(bytes, bytes.length)).toEqual({ mediaType: "image/svg+xml", kind: "opaque" })
    }
  })

  it.each([
    ["a comment", `<!--${"x".repeat(9_000)}-->`],
    ["space", " \n".repeat(5_000)],
    ["a byte order mark and space", `\ufeff${" ".repeat(9_000)}`],
    ["a processing instruction", `<?x ${"y ".repeat(5_000)}?>`],
    ["a document type", `<!DOCTYPE x [${"<!ELEMENT a ANY>".repeat(600)}]>`],
    ["all of them", `<?xml version="1.0"?>${`<!-- a --><?b c?>\n`.repeat(500)}<!DOCTYPE d>`],
  ])("recognises an SVG after any amount of %s, in chunks of any size", (_, before) => {
    const shapes = [
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:image/>',
    ]
    for (const text of shapes.map((shape) => before + shape)) {
      for (const size of [1, 7, 4_096]) {
        expect(searched(text, size)).toEqual({ mediaType: "image/svg+xml", kind: "opaque" })
      }
      expect(sniffMedia(utf8(text), utf8(text).length)).toEqual({ mediaType: "image/svg+xml", kind: "opaque" })
    }
  })

  it.each([
    ["a drawing in HTML", "text/html", '<!DOCTYPE html><p>a</p><svg width="9"><path d="M0 0"/></svg>'],
    ["a drawing in a page that begins with words", "text/plain", 'words <SVG><image href="x"/></SVG>'],
    ["a drawing in a style sheet", "text/plain", "a{background:url(data:image/svg+xml,%3Csvg%20xmlns=%3Cpath%20d%3E)}"],
    [
      "markup generated by entities",
      "application/xml",
      '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "&#60;svg/>">]><a>&b;</a>',
    ],
    ["markup generated by a style sheet", "application/xml", '<?xml version="1.0"?><?xml-stylesheet href="#x"?><a/>'],
  ])("does not report %s as plain text", (_, mediaType, text) => {
    for (const size of [1, 50, 9_000]) expect(searched(text, size)).toEqual({ mediaType, kind: "opaque" })
  })

  it.each([
    ["a prolog without an element", `<!-- ${"x".repeat(50)}`, "application/octet-stream"],
    ["a PDF after any words", `${"a word ".repeat(400)}%PDF-1.4 1 0 obj startxref 9 %%EOF`, "application/pdf"],
    [
      "an X bitmap after any comment",
      `/* ${"x".repeat(5_000)} */ static unsigned char a_bits[] = {1};`,
      "image/x-xbitmap",
    ],
    ["a portable anymap after any comment", `P3\n#${"x".repeat(5_000)}\n1 1 255 0 0 0\n`, "image/x-portable-anymap"],
    ["rich text", "{\\rtf1 {\\pict\\wmetafile8 0100}}", "application/rtf"],
    ["a uuencoded file", `begin 644 a.gif\nM${"0".repeat(60)}\nend\n`, "application/octet-stream"],
    ["a picture for a terminal", "\u001bPq#0;2;0;0;0~~$-\u001b\\", "application/octet-stream"],
    [
      "a picture for a terminal with a single control character",
      "\u0090q#0;2;0;0;0~~$-\u009c",
      "application/octet-stream",
    ],
    ["PostScript after other lines", "%%BoundingBox: 0 0 9 9\n%!PS-Adobe-3.0 EPSF-3.0\n", "application/postscript"],
    ["a printer's job", "\u001b%-12345X@PJL\r\n%!PS", "application/postscript"],
  ])("does not report %s as text", (_, text, mediaType) => {
    for (const size of [3, 9_000]) expect(searched(text, size)).toMatchObject({ mediaType })
    expect(sniffMedia(utf8(text), utf8(text).length).kind).not.toBe("text")
  })

  it.each([
    "<3 this one",
    "Use the <svg> element, not <canvas>.",
    "the format: svg or png",
    '<?xml version="1.0"?><!-- a note --><note/>',
    "<!-- x --><!DOCTYPE html><title>svg</title>",
    "begin 100 metres on\nMany people walked here",
    "\u001b[31mred\u001b[0m",
    "a header such as %PDF-1.7",
    "int bits[4];",
  ])("reports text that only mentions pictures as text: %s", (text) => {
    const padded = text.startsWith("a header") ? `${"word ".repeat(300)}${text}` : text
    expect(searched(padded, 5).kind).toBe("text")
    expect(sniffMedia(utf8(padded), utf8(padded).length).kind).toBe("text")
  })

  it.each([
    "OggS is a container.",
    "ORC files hold columns",
    "BM25 ranks",
    "icns",
    "P5 and P6 are formats",
    "PAR1S",
    "ID3 tags",
  ])("reports a caption that begins like a binary format as text: %s", (caption) => {
    expect(sniff(caption)).toEqual({ mediaType: "text/plain", kind: "text" })
  })

  it("accepts a character cut off at the end of the head, but not at the end of the file", () => {
    const bytes = concat(ascii("x".repeat(SNIFF_BYTES - 1)), [0xe2])
    expect(sniffMedia(bytes, bytes.length + 10).kind).toBe("text")
    expect(sniffMedia(bytes, bytes.length).kind).toBe("unknown")
  })

  it("never reports random bytes as text, an array or an archive, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), (bytes) => {
        const { kind } = sniffMedia(concat([0xee, 0x00], bytes), bytes.length + 2)
        expect(["unknown", "opaque", "picture"]).toContain(kind)
      }),
    )
  })

  it("gives the same type for every cut of a file that is longer than its signature", () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: SNIFF_BYTES }), (cut) => {
        const bytes = concat([0xff, 0xd8, 0xff, 0xe0], zeros(SNIFF_BYTES))
        expect(sniffMedia(bytes.subarray(0, cut), bytes.length).mediaType).toBe("image/jpeg")
      }),
    )
  })
})

/** Header of an empty file named `a`, with or without the POSIX magic. */
function tarHeader(magic: string): Uint8Array {
  const header = zeros(512)
  header.set(ascii("a"), 0)
  header.set(ascii("0000644\0"), 100)
  header.set(ascii("00000000000\0"), 124)
  header.set(ascii(magic), 257)
  header.fill(0x20, 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.set(ascii(`${sum.toString(8).padStart(6, "0")}\0 `), 148)
  return header
}

import { crc32, deflateSync } from "node:zlib"
import sharp from "sharp"
import { type Raw, toSharp } from "./pictures.ts"

/** Puts a whole picture into another picture's file, where no viewer shows it. */
export type Placement = (host: Raw, hidden: Buffer) => Promise<Buffer>

/** Every placement, by name. */
export const PLACEMENTS: readonly (readonly [string, Placement])[] = [
  ["the EXIF thumbnail of a JPEG", inJpeg(0xe1, (hidden) => Buffer.concat([text("Exif\0\0"), exif(hidden)]))],
  ["a Photoshop thumbnail resource", inJpeg(0xed, (hidden) => photoshop(1036, hidden))],
  ["an older Photoshop thumbnail resource", inJpeg(0xed, (hidden) => photoshop(1033, hidden))],
  ["a JPEG's comment", inJpeg(0xfe, (hidden) => hidden)],
  ["a JPEG's comment in base64", inJpeg(0xfe, (hidden) => text(hidden.toString("base64")))],
  ["a JPEG's comment in base64 of UTF-16", inJpeg(0xfe, (hidden) => Buffer.from(hidden.toString("base64"), "utf16le"))],
  ["XMP with line ends as references", inJpeg(0xe1, (hidden) => Buffer.concat([text(XMP), xmp(hidden)]))],
  ["a chain of segments of a vendor", inChain(0xea, (part) => Buffer.concat([text("VENDOR\0"), part]))],
  ["a chain of numbered segments", inChain(0xe4, (part, i) => Buffer.concat([text("PARTS\0"), Buffer.of(i), part]))],
  ["a chain of extended XMP", inChain(0xe1, extendedXmp)],
  [
    "a chain of boxes",
    inChain(0xeb, (part, i) => Buffer.concat([text("JP\0\x01\0\0\0"), Buffer.of(i), box("jumb"), part])),
  ],
  ["a PNG's eXIf", inPng("eXIf", exif)],
  ["a PNG's text", inPng("tEXt", (hidden) => Buffer.concat([text("Comment\0"), hidden]))],
  ["a PNG's compressed text", inPng("zTXt", (hidden) => Buffer.concat([text("Comment\0\0"), deflateSync(hidden)]))],
  ["a PNG's raw profile", inPng("zTXt", rawProfile)],
  ["a PNG's international text in base64", inPng("iTXt", internationalText)],
  ["a PNG's unknown chunk", inPng("vpAg", (hidden) => hidden)],
  ["the data of a PNG, after its pixels", inPng("IDAT", (hidden) => hidden)],
  ["a GIF's comment", inGif],
  ["a WebP's EXIF", inWebp("EXIF", exif)],
  ["a WebP's XMP", inWebp("XMP ", xmp)],
  ["a WebP's unknown chunk", inWebp("junk", (hidden) => hidden)],
  ["a box of an AVIF", inAvif],
  ["the gap between a TIFF's parts", inTiffGap],
  ["the bytes after a TIFF", async (host, hidden) => Buffer.concat([await toSharp(host).tiff().toBuffer(), hidden])],
]

const XMP = "http://ns.adobe.com/xap/1.0/\0"

/** EXIF whose second directory is a JPEG thumbnail. */
export function exif(thumbnail: Buffer): Buffer {
  const head = Buffer.alloc(8 + 6 + 2 + 36 + 4)
  head.write("II*\0", "latin1")
  head.writeUInt32LE(8, 4)
  head.writeUInt32LE(14, 10)
  head.writeUInt16LE(3, 14)
  const entries = [
    [0x103, 6],
    [0x201, head.length],
    [0x202, thumbnail.length],
  ] as const
  for (const [i, [tag, value]] of entries.entries()) {
    head.writeUInt16LE(tag, 16 + 12 * i)
    head.writeUInt16LE(4, 18 + 12 * i)
    head.writeUInt32LE(1, 20 + 12 * i)
    head.writeUInt32LE(value, 24 + 12 * i)
  }
  return Buffer.concat([head, thumbnail])
}

/** Puts segments after a JPEG's first marker. */
export function withSegments(jpeg: Buffer, segments: readonly (readonly [marker: number, content: Buffer])[]): Buffer {
  const made = segments.map(([marker, content]) => {
    const head = Buffer.of(0xff, marker, 0, 0)
    head.writeUInt16BE(content.length + 2, 2)
    return Buffer.concat([head, content])
  })
  return Buffer.concat([jpeg.subarray(0, 2), ...made, jpeg.subarray(2)])
}

function inJpeg(marker: number, content: (hidden: Buffer) => Buffer): Placement {
  return async (host, hidden) => withSegments(await toSharp(host).jpeg().toBuffer(), [[marker, content(hidden)]])
}

function inChain(marker: number, content: (part: Buffer, i: number) => Buffer): Placement {
  return async (host, hidden) => {
    const parts = Array.from({ length: Math.ceil(hidden.length / 1000) }, (_, i) =>
      hidden.subarray(1000 * i, 1000 * (i + 1)),
    )
    const jpeg = await toSharp(host).jpeg().toBuffer()
    return withSegments(
      jpeg,
      parts.map((part, i) => [marker, content(part, i)]),
    )
  }
}

function extendedXmp(part: Buffer, i: number): Buffer {
  const numbers = Buffer.alloc(8)
  numbers.writeUInt32BE(1000 * i, 4)
  return Buffer.concat([text(`http://ns.adobe.com/xmp/extension/\0${"A".repeat(32)}`), numbers, part])
}

function inPng(name: string, content: (hidden: Buffer) => Buffer): Placement {
  return async (host, hidden) => {
    const png = await toSharp(host).png().toBuffer()
    const end = png.length - 12
    return Buffer.concat([png.subarray(0, end), chunk(name, content(hidden)), png.subarray(end)])
  }
}

/** A chunk of a PNG. Apart from the decoder's own, on purpose: what the tests hide in must not be made by what reads it. */
export function chunk(name: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(name, 4, "latin1")
  data.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return bytes
}

function rawProfile(hidden: Buffer): Buffer {
  const digits = Buffer.concat([text("Exif\0\0"), exif(hidden)])
    .toString("hex")
    .replaceAll(/.{72}/g, "$&\n")
  return Buffer.concat([text("Raw profile type exif\0\0"), deflateSync(`\nexif\n    ${hidden.length}\n${digits}\n`)])
}

function internationalText(hidden: Buffer): Buffer {
  return Buffer.concat([text("XML:com.adobe.xmp\0\0\0\0\0"), xmp(hidden)])
}

function xmp(hidden: Buffer): Buffer {
  const letters = hidden.toString("base64").replaceAll(/.{76}/g, "$&&#xA;")
  return text(`<x:xmpmeta><xmpGImg:image>${letters}</xmpGImg:image></x:xmpmeta>`)
}

function photoshop(id: number, hidden: Buffer): Buffer {
  const head = Buffer.alloc(12 + 28)
  head.write("8BIM", "latin1")
  head.writeUInt16BE(id, 4)
  head.writeUInt32BE(28 + hidden.length, 8)
  head.writeUInt32BE(1, 12)
  return Buffer.concat([text("Photoshop 3.0\0"), head, hidden])
}

async function inGif(host: Raw, hidden: Buffer): Promise<Buffer> {
  const gif = await toSharp(host).gif().toBuffer()
  const parts = Array.from({ length: Math.ceil(hidden.length / 255) }, (_, i) => {
    const part = hidden.subarray(255 * i, 255 * (i + 1))
    return Buffer.concat([Buffer.of(part.length), part])
  })
  return Buffer.concat([gif.subarray(0, -1), Buffer.of(0x21, 0xfe), ...parts, Buffer.of(0, 0x3b)])
}

function inWebp(name: string, content: (hidden: Buffer) => Buffer): Placement {
  return async (host, hidden) => {
    const webp = await toSharp(host).webp().toBuffer()
    const data = content(hidden)
    const head = Buffer.alloc(8)
    head.write(name, "latin1")
    head.writeUInt32LE(data.length, 4)
    const bytes = Buffer.concat([webp, head, data, Buffer.alloc(data.length % 2)])
    bytes.writeUInt32LE(bytes.length - 8, 4)
    return bytes
  }
}

async function inAvif(host: Raw, hidden: Buffer): Promise<Buffer> {
  const avif = await toSharp(host).avif({ effort: 1 }).toBuffer()
  const head = box("free")
  head.writeUInt32BE(8 + hidden.length, 0)
  return Buffer.concat([avif, head, hidden])
}

function box(name: string): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 0x10, 0), text(name)])
}

/** Moves a TIFF's directory after the hidden picture: only the header has its offset. */
async function inTiffGap(host: Raw, hidden: Buffer): Promise<Buffer> {
  const tiff = await sharp(host.data, { raw: { width: host.width, height: host.height, channels: 3 } })
    .tiff({ compression: "none" })
    .toBuffer()
  const offset = tiff.readUInt32LE(4)
  const moved = Buffer.concat([tiff, hidden, Buffer.alloc(hidden.length % 2), tiff.subarray(offset, offset + 1024)])
  moved.writeUInt32LE(tiff.length + hidden.length + (hidden.length % 2), 4)
  return moved
}

function text(letters: string): Buffer {
  return Buffer.from(letters, "latin1")
}

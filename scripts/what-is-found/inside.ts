import { crc32, deflateSync } from "node:zlib"
import type { Change } from "./changes.ts"
import { fromPixels } from "./draw.ts"
import { drawScene } from "./scenes.ts"

/** The picture as a small JPEG within the file of another one. */
export function insidePictures(): Change[] {
  const change = (name: string, put: (host: Buffer, inner: Buffer) => Buffer, format: "jpeg" | "png"): Change => ({
    group: "Inside another picture's file, as a JPEG of 160 px",
    name,
    make: async ({ raw, seed }) => {
      const inner = await fromPixels(raw).resize(160, 160, { fit: "inside" }).jpeg({ quality: 85 }).toBuffer()
      const host = await fromPixels(drawScene(100_000 + seed))
        .toFormat(format)
        .toBuffer()
      return put(host, inner)
    },
  })
  return [
    change(
      "EXIF thumbnail",
      (host, inner) => segment(host, 0xe1, Buffer.concat([letters("Exif\0\0"), exif(inner)])),
      "jpeg",
    ),
    change("comment of a JPEG", (host, inner) => segment(host, 0xfe, inner), "jpeg"),
    change("XMP thumbnail in base64", (host, inner) => segment(host, 0xe1, xmp(inner)), "jpeg"),
    change(
      "compressed text of a PNG",
      (host, inner) => chunk(host, Buffer.concat([letters("Comment\0\0"), deflateSync(inner)])),
      "png",
    ),
    change("behind its end", (host, inner) => Buffer.concat([host, inner]), "jpeg"),
  ]
}

function segment(jpeg: Buffer, marker: number, content: Buffer): Buffer {
  const head = Buffer.of(0xff, marker, 0, 0)
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)])
}

/** An empty directory, then one of a thumbnail. The same as in the decoder's tests, on purpose: a script imports no test. */
function exif(thumbnail: Buffer): Buffer {
  const head = Buffer.alloc(14 + 2 + 36 + 4)
  head.write("II*\0\x08\0\0\0", "latin1")
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

function xmp(thumbnail: Buffer): Buffer {
  const image = thumbnail.toString("base64").replaceAll(/.{76}/g, "$&&#xA;")
  return letters(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><xmpGImg:image>${image}</xmpGImg:image></x:xmpmeta>`)
}

function chunk(png: Buffer, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write("zTXt", 4, "latin1")
  data.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return Buffer.concat([png.subarray(0, -12), bytes, png.subarray(-12)])
}

function letters(text: string): Buffer {
  return Buffer.from(text, "latin1")
}

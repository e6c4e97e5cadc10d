/**
 * Planted words without meaning, and planted pictures of generated shapes.
 * @module
 */
import { crc32, deflateSync } from "node:zlib"
import { MARKED_PICTURES, PICTURE_FORMATS, type PictureFormat, PLAIN_PICTURES } from "../pictures/encoded.ts"
import type { Planted } from "./case.ts"

/** The meaningless phrase that the gateway under test must be configured to block. */
export const CONFORMANCE_MARKER = "nightlight-marker-quartz-umbrella-violet"

/** A phrase as long as the marker that no gateway blocks. */
const HARMLESS = "nightlight-letter-copper-umbrella-silver"

/** Text after the planted word of an answer, which must not arrive if the answer was stopped. */
export const AFTER = "afterwards-a-lantern"

const SIDE = 48

/** The pictures that a gateway must be configured to block: one generated test card in every format. */
export const MARKED_FILES = decodeAll(MARKED_PICTURES)
const PLAIN_FILES = decodeAll(PLAIN_PICTURES)
const BYSTANDER = cleanPicture(70, 12)

/** Word and picture that must pass. */
export function plainPlanted(): Planted {
  return { word: HARMLESS, picture: PLAIN_FILES.png, formats: PLAIN_FILES }
}

/** Another harmless word and picture, placed around the planted ones. */
export function bystander(): Planted {
  return { word: "hello", picture: BYSTANDER, formats: { ...PLAIN_FILES, png: BYSTANDER } }
}

/** Word and picture that must be stopped. */
export function markedPlanted(marker: string): Planted {
  return { word: marker, picture: MARKED_FILES.png, formats: MARKED_FILES }
}

/** The same with its picture in another format. */
export function inFormat(planted: Planted, format: PictureFormat): Planted {
  return { ...planted, picture: planted.formats[format] }
}

function decodeAll(pictures: Readonly<Record<PictureFormat, string>>): Readonly<Record<PictureFormat, Uint8Array>> {
  const decode = (format: PictureFormat) => Buffer.from(pictures[format], "base64")
  return {
    png: decode("png"),
    jpeg: decode("jpeg"),
    gif: decode("gif"),
    webp: decode("webp"),
    avif: decode("avif"),
    bmp: decode("bmp"),
    tiff: decode("tiff"),
  }
}

/** A PNG of soft rings around a point, on no list; the same bytes each time. */
function cleanPicture(centreX: number, centreY: number): Uint8Array {
  const rows = Buffer.alloc(SIDE * (SIDE * 3 + 1))
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const offset = y * (SIDE * 3 + 1) + 1 + x * 3
      const ring = Math.hypot(x - centreX, y - centreY)
      rows[offset] = (ring * 5) % 256
      rows[offset + 1] = (x * 2 + ring) % 256
      rows[offset + 2] = (y * 2 + 255 - ring) % 256
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIDE, 0)
  header.writeUInt32BE(SIDE, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(data.length, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}

/** A picture as base64. */
export function base64Of({ picture }: Planted): string {
  return Buffer.from(picture).toString("base64")
}

/** A picture as a `data:` URL. */
export function dataUrlOf(planted: Planted): string {
  const { picture, formats } = planted
  const format = PICTURE_FORMATS.find((one) => formats[one] === picture) ?? "png"
  return `data:image/${format};base64,${base64Of(planted)}`
}

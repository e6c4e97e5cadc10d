import { inflateSync, zstdDecompressSync } from "node:zlib"
import { walkJpeg } from "../jpeg-walk.ts"
import { walkLzw } from "./lzw.ts"
import { type CodedStrip, packBits } from "./pack-bits.ts"
import { numbersOf, type TiffDirectory, type TiffFile } from "./tiff-file.ts"
import { webpStructure } from "./webp.ts"

/** Result of checking the strips or tiles of a TIFF's picture. */
export interface StripCheck {
  /** `unread` where the coding cannot be checked. */
  readonly state: "sound" | "broken" | "unread"
  /** Bytes after the coded data. */
  readonly areas: readonly Buffer[]
}

/** A larger strip is not unpacked. */
const MAX_STRIP_BYTES = 320 * 1024 * 1024

/** Unpacks every strip or tile of a picture, or walks its codes, and compares lengths and checksums. */
export function checkStrips(tiff: TiffFile, directory: TiffDirectory): StripCheck {
  const layout = layoutOf(tiff, directory)
  const areas: Buffer[] = []
  let state: StripCheck["state"] = "sound"
  for (const [i, place] of layout.places.entries()) {
    const length = layout.lengths[i] ?? 0
    const data = tiff.bytes.subarray(place, place + length)
    const mostBytes = layout.expectedBytes(i)
    if (mostBytes !== undefined && mostBytes > MAX_STRIP_BYTES) return { state: "unread", areas }
    const strip = stripOf(data, mostBytes, layout)
    if (strip === "unread") return { state: "unread", areas }
    areas.push(...strip.areas)
    const isShort = mostBytes !== undefined && strip.unpackedBytes !== undefined && strip.unpackedBytes !== mostBytes
    if (!strip.isSound || isShort || data.length < length) state = "broken"
  }
  return { state, areas }
}

interface Layout {
  readonly compression: number
  readonly tables: Buffer | undefined
  readonly places: readonly number[]
  readonly lengths: readonly number[]
  /** Unpacked size of a strip in bytes; `undefined` where colours are subsampled. */
  readonly expectedBytes: (strip: number) => number | undefined
}

function layoutOf(tiff: TiffFile, directory: TiffDirectory): Layout {
  const numbers = (tag: number) => numbersOf(tiff, directory, tag)
  const number = (tag: number, otherwise: number) => numbers(tag)[0] ?? otherwise
  const [width, height] = [number(256, 0), number(257, 0)]
  const samples = number(277, 1)
  const isPlanar = number(284, 1) === 2
  const bits = numbers(258)
  const pixelBits = isPlanar
    ? (bits[0] ?? 1)
    : Array.from({ length: samples }, (_, i) => bits[i] ?? bits[0] ?? 1).reduce((sum, one) => sum + one, 0)
  const rowBytes = (pixels: number) => Math.ceil((pixels * pixelBits) / 8)
  const isTiled = directory.entries.has(324)
  const rows = Math.min(height, number(278, height) || height)
  const perPlane = Math.max(1, Math.ceil(height / Math.max(1, rows)))
  const tables = directory.entries.get(347)
  const isCoarse = number(262, 0) === 6
  return {
    compression: number(259, 1),
    tables: tables === undefined ? undefined : tiff.bytes.subarray(tables.valueAt, tables.valueAt + tables.valueBytes),
    places: isTiled ? numbers(324) : numbers(273),
    lengths: isTiled ? numbers(325) : numbers(279),
    expectedBytes(strip) {
      if (isCoarse) return undefined
      if (isTiled) return rowBytes(number(322, 0)) * number(323, 0)
      return rowBytes(width) * Math.min(rows, height - (strip % perPlane) * rows)
    },
  }
}

const WHOLE: CodedStrip = { isSound: true, unpackedBytes: undefined, areas: [] }

function stripOf(
  data: Buffer,
  expectedBytes: number | undefined,
  { compression, tables }: Layout,
): CodedStrip | "unread" {
  const mostBytes = expectedBytes ?? MAX_STRIP_BYTES
  switch (compression) {
    case 1:
      return { isSound: true, unpackedBytes: Math.min(data.length, mostBytes), areas: [data.subarray(mostBytes)] }
    // Fax codes: the decoder reports their faults.
    case 2:
    case 3:
    case 4:
    case 32771:
      return WHOLE
    case 5:
      return lzw(data, mostBytes)
    case 7:
      return jpeg(data, tables)
    case 8:
    case 32946:
      return deflated(data, mostBytes)
    case 32773:
      return packBits(data, mostBytes)
    case 50000:
      return zstd(data, mostBytes)
    case 50001: {
      const { end, isBroken, areas } = webpStructure(data)
      return { isSound: !isBroken && end !== undefined, unpackedBytes: undefined, areas }
    }
    default:
      return "unread"
  }
}

const BROKEN: CodedStrip = { isSound: false, unpackedBytes: undefined, areas: [] }

function lzw(data: Buffer, mostBytes: number): CodedStrip | "unread" {
  // These are codes with their lowest bit first, as before TIFF 5.0.
  if (data[0] === 0 && ((data[1] ?? 0) & 1) === 1) return "unread"
  const { state, unpackedBytes, usedBytes } = walkLzw(data, { pixelBits: 8, first: "most", isEarly: true }, mostBytes)
  return { isSound: state === "ended", unpackedBytes, areas: [data.subarray(usedBytes)] }
}

function jpeg(data: Buffer, tables: Buffer | undefined): CodedStrip {
  const { state, end, segments } = walkJpeg(data, { tables })
  const areas = [...segments.map((segment) => data.subarray(segment.start, segment.end)), data.subarray(end)]
  return { isSound: state === "whole", unpackedBytes: undefined, areas }
}

function deflated(data: Buffer, mostBytes: number): CodedStrip {
  try {
    // The type declarations omit the result of `info`.
    const { buffer, engine } = inflateSync(data, { maxOutputLength: mostBytes, info: true }) as unknown as Inflated
    return { isSound: true, unpackedBytes: buffer.length, areas: [data.subarray(engine.bytesWritten)] }
  } catch {
    return BROKEN
  }
}

interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

function zstd(data: Buffer, mostBytes: number): CodedStrip {
  try {
    return { isSound: true, unpackedBytes: zstdDecompressSync(data, { maxOutputLength: mostBytes }).length, areas: [] }
  } catch {
    return BROKEN
  }
}

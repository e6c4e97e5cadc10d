import { inflateSync } from "node:zlib"
import type { Structure } from "./structure.ts"

/** A chunk of a PNG (PNG third edition, 5.3). */
interface Chunk {
  readonly name: string
  readonly data: Buffer
}

/** Chunks that hold pixels, or numbers about them. */
const PIXELS = new Set(["IDAT", "fdAT"])
const NUMBERS = new Set([
  "IHDR",
  "IEND",
  "PLTE",
  "tRNS",
  "acTL",
  "fcTL",
  "gAMA",
  "cHRM",
  "sRGB",
  "sBIT",
  "pHYs",
  "tIME",
])

/** Most unpacked bytes of all texts and profiles of a file. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024

/** Walks a PNG's chunks. The decoder compares their checksums. */
export function pngStructure(file: Buffer): Structure {
  const areas: Buffer[] = []
  const coded: Buffer[] = []
  let unpackedBytes = 0
  let isTooMuch = false
  let end: number | undefined
  let offset = 8
  while (offset + 12 <= file.length) {
    const next = offset + 12 + file.readUInt32BE(offset)
    const chunk = { name: file.toString("latin1", offset + 4, offset + 8), data: file.subarray(offset + 8, next - 4) }
    offset = next
    if (chunk.name === "IEND") {
      end = next <= file.length ? next : undefined
      if (chunk.data.length > 0) areas.push(chunk.data)
      break
    }
    if (PIXELS.has(chunk.name)) coded.push(chunk.data)
    else if (!NUMBERS.has(chunk.name)) {
      areas.push(chunk.data)
      const unpacked = unpackedText(chunk, MAX_UNPACKED_BYTES - unpackedBytes)
      if (unpacked === "too-much") isTooMuch = true
      else if (unpacked !== undefined) {
        unpackedBytes += unpacked.length
        areas.push(unpacked)
      }
    }
  }
  return { end, isBroken: false, cause: isTooMuch ? "byte_limit" : undefined, areas, coded: joined(coded) }
}

function joined(parts: readonly Buffer[]): Buffer[] {
  return parts.length > 1 ? [Buffer.concat(parts)] : [...parts]
}

/** Unpacks a compressed text or profile. */
function unpackedText({ name, data }: Chunk, mostBytes: number): Buffer | "too-much" | undefined {
  const packed = packedPart(name, data)
  if (packed === undefined || packed.length === 0) return undefined
  try {
    return inflateSync(packed, { maxOutputLength: Math.max(1, mostBytes) })
  } catch (error) {
    return error instanceof RangeError ? "too-much" : undefined
  }
}

function packedPart(name: string, data: Buffer): Buffer | undefined {
  const keyword = data.indexOf(0)
  if (keyword === -1) return undefined
  if (name === "zTXt" || name === "iCCP") return data.subarray(keyword + 2)
  if (name !== "iTXt" || data[keyword + 1] !== 1) return undefined
  const language = data.indexOf(0, keyword + 3)
  const translated = language === -1 ? -1 : data.indexOf(0, language + 1)
  return translated === -1 ? undefined : data.subarray(translated + 1)
}

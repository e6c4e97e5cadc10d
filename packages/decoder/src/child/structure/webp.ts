import type { Structure } from "./structure.ts"
import { walkLossless } from "./vp8l/walk.ts"

/** Chunks of pixels (RFC 9649, 2.7). */
const PIXELS = new Set(["VP8 ", "VP8L", "ALPH"])

/**
 * Walks a WebP's chunks. Lossy data has no checksum, and any bits can be decoded; only the bounds of its first
 * partition are checked.
 */
export function webpStructure(file: Buffer): Structure {
  const end = 8 + file.readUInt32LE(4)
  const areas: Buffer[] = []
  const coded: Buffer[] = []
  const isSound = readChunks(file.subarray(12, end), { areas, coded })
  return { end: endIn(file, end), isBroken: !isSound, areas, coded }
}

/** The end in the file; a writer may omit the padding byte after an odd size. */
function endIn(file: Buffer, end: number): number | undefined {
  return end <= file.length ? end : end === file.length + 1 ? file.length : undefined
}

interface Found {
  readonly areas: Buffer[]
  readonly coded: Buffer[]
}

function readChunks(bytes: Buffer, found: Found): boolean {
  let isSound = true
  let offset = 0
  while (offset + 8 <= bytes.length) {
    const name = bytes.toString("latin1", offset, offset + 4)
    const size = bytes.readUInt32LE(offset + 4)
    const data = bytes.subarray(offset + 8, offset + 8 + size)
    if (PIXELS.has(name)) {
      found.coded.push(data)
      if (name === "VP8 ") isSound &&= isLossyFrame(data)
      if (name === "VP8L") isSound &&= walkLossless(data) === "whole"
    } else if (name === "ANMF") isSound = readChunks(data.subarray(16), found) && isSound
    else if (name !== "VP8X" && name !== "ANIM") found.areas.push(data)
    offset += 8 + size + (size % 2)
  }
  if (offset < bytes.length) found.areas.push(bytes.subarray(offset))
  return isSound
}

/** A key frame's header, with a first partition that ends before the data does (RFC 6386, 9.1). */
function isLossyFrame(data: Buffer): boolean {
  if (data.length < 10) return false
  const tag = data.readUIntLE(0, 3)
  const isKeyFrame = (tag & 1) === 0
  return isKeyFrame && data.readUIntBE(3, 3) === 0x9d012a && 10 + (tag >>> 5) < data.length
}

/**
 * A walk over a lossless WebP's coded data to its end (RFC 9649, 3). The format has no checksum, and decoders accept
 * any bits. The walk checks that every code is complete, every pixel is present, every copy is inside the image, and
 * nothing is left over.
 * @module
 */
import { Bits } from "./bits.ts"
import { distanceOf } from "./distances.ts"
import type { PrefixCode } from "./prefix-code.ts"
import { readCode } from "./read-code.ts"

/** More pixels are not walked. */
const MAX_PIXELS = 100_000_000

/** Thrown where coded data is impossible. */
class BrokenData extends Error {}

/** Walks the data; `other` for an image with too many pixels. */
export function walkLossless(data: Uint8Array): "whole" | "broken" | "other" {
  const bits = new Bits(data)
  if (bits.read(8) !== 0x2f) return "broken"
  const width = 1 + bits.read(14)
  const height = 1 + bits.read(14)
  bits.skip(1)
  if (bits.read(3) !== 0) return "broken"
  if (width * height > MAX_PIXELS) return "other"
  try {
    walkImage(bits, { width: walkTransforms(bits, width, height), height, isMain: true })
  } catch (error) {
    if (error instanceof BrokenData) return "broken"
    throw error
  }
  return bits.isAtEnd ? "whole" : "broken"
}

/** @returns the width of the coded image: a small palette packs several pixels into one. */
function walkTransforms(bits: Bits, width: number, height: number): number {
  const seen = new Set<number>()
  let coded = width
  while (bits.read(1) === 1) {
    const kind = bits.read(2)
    if (seen.has(kind)) throw new BrokenData()
    seen.add(kind)
    if (kind < 2) {
      const tile = 2 ** (2 + bits.read(3))
      walkImage(bits, { width: Math.ceil(coded / tile), height: Math.ceil(height / tile) })
    } else if (kind === 3) {
      const colours = 1 + bits.read(8)
      walkImage(bits, { width: colours, height: 1 })
      coded = Math.ceil(coded / (colours <= 2 ? 8 : colours <= 4 ? 4 : colours <= 16 ? 2 : 1))
    }
  }
  return coded
}

interface Area {
  readonly width: number
  readonly height: number
  /** Only the picture itself may have several groups of codes. */
  readonly isMain?: boolean
  /** Receives each pixel, if given. */
  readonly into?: Uint32Array
}

/** Codes for green and lengths, red, blue, alpha and distances. */
type Group = readonly [PrefixCode, PrefixCode, PrefixCode, PrefixCode, PrefixCode]

/** Maps pixels to groups of codes. */
interface Groups {
  readonly all: readonly Group[]
  readonly tileBits: number
  readonly tilesAcross: number
  readonly tiles: Uint32Array
}

function walkImage(bits: Bits, { width, height, isMain = false, into }: Area): void {
  const cacheBits = bits.read(1) === 1 ? bits.read(4) : 0
  if (cacheBits > 11) throw new BrokenData()
  const cacheSize = cacheBits === 0 ? 0 : 2 ** cacheBits
  const groups = readGroups(bits, { width, height, isMain }, cacheSize)
  const cache = new Uint32Array(cacheSize)
  const total = width * height
  const put = (offset: number, colour: number) => {
    if (into === undefined) return
    into[offset] = colour
    if (cacheSize > 0) cache[Math.imul(0x1e35a7bd, colour) >>> (32 - cacheBits)] = colour
  }
  for (let offset = 0; offset < total; ) {
    const [green, red, blue, alpha, distances] = groupAt(groups, offset % width, Math.floor(offset / width))
    const symbol = green.read(bits)
    if (symbol < 256) {
      const middle = (symbol << 8) | (red.read(bits) << 16)
      put(offset++, (middle | blue.read(bits) | (alpha.read(bits) << 24)) >>> 0)
    } else if (symbol < 256 + 24) {
      const length = numberOf(bits, symbol - 256)
      const back = distanceOf(numberOf(bits, distances.read(bits)), width)
      if (back > offset || offset + length > total) throw new BrokenData()
      if (into !== undefined) for (let k = 0; k < length; k++) put(offset + k, into[offset + k - back] ?? 0)
      offset += length
    } else put(offset++, cache[symbol - 280] ?? 0)
    if (bits.isOver) throw new BrokenData()
  }
}

function groupAt({ all, tileBits, tilesAcross, tiles }: Groups, x: number, y: number): Group {
  const group = all[all.length === 1 ? 0 : (tiles[(y >> tileBits) * tilesAcross + (x >> tileBits)] ?? 0)]
  if (group === undefined) throw new BrokenData()
  return group
}

function readGroups(bits: Bits, { width, height, isMain }: Area, cacheSize: number): Groups {
  if (isMain !== true || bits.read(1) === 0) {
    return { all: [readGroup(bits, cacheSize)], tileBits: 0, tilesAcross: 0, tiles: new Uint32Array(0) }
  }
  const tileBits = 2 + bits.read(3)
  const tilesAcross = Math.ceil(width / 2 ** tileBits)
  const tilesDown = Math.ceil(height / 2 ** tileBits)
  const tiles = new Uint32Array(tilesAcross * tilesDown)
  walkImage(bits, { width: tilesAcross, height: tilesDown, into: tiles })
  let most = 0
  for (let k = 0; k < tiles.length; k++) {
    const group = ((tiles[k] ?? 0) >>> 8) & 0xffff
    tiles[k] = group
    most = Math.max(most, group)
  }
  return { all: Array.from({ length: most + 1 }, () => readGroup(bits, cacheSize)), tileBits, tilesAcross, tiles }
}

function readGroup(bits: Bits, cacheSize: number): Group {
  const read = (symbols: number) => {
    const code = bits.isOver ? undefined : readCode(bits, symbols)
    if (code === undefined) throw new BrokenData()
    return code
  }
  return [read(256 + 24 + cacheSize), read(256), read(256), read(256), read(40)]
}

/** Reads a length or distance: its prefix and extra bits (RFC 9649, 3.6.2.1). */
function numberOf(bits: Bits, prefix: number): number {
  if (prefix < 4) return prefix + 1
  const extra = (prefix - 2) >> 1
  return (2 + (prefix & 1)) * 2 ** extra + bits.read(extra) + 1
}

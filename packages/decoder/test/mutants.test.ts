import type { Fingerprint, PictureView } from "@nightlight/core"
import { MINUTE_MS } from "@nightlight/core"
import { fromHex, hammingDistance } from "@nightlight/pdq"
import sharp, { type Sharp } from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Decoder, openDecoder } from "../src/index.ts"
import { generator, scene, toSharp } from "./pictures.ts"
import { firstView } from "./support.ts"

/** Mutants of each format: enough to detect a leak of one in twenty; many more in a long run. */
const MUTANTS = process.env["NIGHTLIGHT_LONG"] === undefined ? 60 : 1200

/** Largest distance that still matches, bits. */
const RADIUS_BITS = 31

/**
 * A mutant clearly shows the picture when at least this share of its 64 tiles differ by less than {@link TILE_TOLERANCE} in
 * brightness.
 */
const TILES_SHARE = 0.75
const TILE_TOLERANCE = 16

const picture = () => toSharp(scene(3))

/**
 * Formats, and the share of their mutants that may pass for another picture although they clearly show this one. Where
 * only the coding itself can reveal a change, a few pass: they are valid files of a picture with a few different
 * blocks.
 */
const FORMATS: readonly (readonly [name: string, leak: number, make: () => Promise<Buffer>])[] = [
  ["JPEG", 0.02, () => picture().jpeg().toBuffer()],
  ["progressive JPEG", 0.02, () => picture().jpeg({ progressive: true }).toBuffer()],
  ["PNG", 0, () => picture().png().toBuffer()],
  ["GIF", 0.02, () => picture().gif().toBuffer()],
  ["lossless WebP", 0.1, () => picture().webp({ lossless: true }).toBuffer()],
  ["TIFF of JPEG", 0.02, () => picture().tiff({ compression: "jpeg" }).toBuffer()],
  ["TIFF of LZW", 0.02, () => picture().tiff({ compression: "lzw" }).toBuffer()],
  ["TIFF of deflate", 0, () => picture().tiff({ compression: "deflate" }).toBuffer()],
  ["TIFF of PackBits", 0.02, () => picture().tiff({ compression: "packbits" }).toBuffer()],
  ["plain TIFF", 0.02, () => picture().tiff({ compression: "none" }).toBuffer()],
  ["AVIF", 0, () => picture().avif({ effort: 1 }).toBuffer()],
]

let decoder: Decoder

beforeAll(async () => {
  decoder = await openDecoder({ readRoots: [], processes: 2, profile: "fullres", kernel: "exact" })
})

afterAll(() => decoder[Symbol.asyncDispose]())

const see = (bytes: Uint8Array): Promise<Fingerprint> => decoder.fingerprint({ kind: "bytes", bytes })

describe("a changed copy of a listed picture", () => {
  it.each(FORMATS)(
    "is found or inconclusive, or no longer shows the picture: %s",
    { timeout: 3 * MINUTE_MS },
    async (_, leak, make) => {
      const whole = await make()
      const seen = await see(whole)
      expect(seen.inconclusive).toBeUndefined()
      const listed = firstView(seen)
      const random = generator(11)
      const mutants = Array.from({ length: MUTANTS }, (_, i) =>
        mutantOf(whole, KINDS[i % KINDS.length] ?? "flip", random),
      )
      const passed = await Promise.all(mutants.map((mutant) => passes(mutant, listed)))
      expect(passed.filter(Boolean).length).toBeLessThanOrEqual(leak * MUTANTS)
    },
  )
})

/** Whether a mutant is neither found nor inconclusive although it clearly shows the picture. */
async function passes(mutant: Buffer, listed: PictureView): Promise<boolean> {
  const seen = await see(mutant)
  if (seen.inconclusive !== undefined) return false
  const hashes = seen.picture?.views.flatMap(({ dihedral }) => dihedral) ?? []
  const wanted = fromHex(listed.pdq)
  if (hashes.some((hash) => hammingDistance(fromHex(hash), wanted) <= RADIUS_BITS)) return false
  return (await shareShown(mutant)) >= TILES_SHARE
}

const KINDS = ["truncate", "flip", "zero", "insert", "delete", "fill"] as const

function mutantOf(whole: Buffer, kind: (typeof KINDS)[number], random: () => number): Buffer {
  const offset = Math.floor(random() * whole.length)
  const length = 1 + Math.floor(random() ** 3 * 400)
  const end = Math.min(whole.length, offset + length)
  const bytes = Buffer.from(whole)
  switch (kind) {
    case "truncate":
      return bytes.subarray(0, Math.max(20, offset))
    case "flip":
      bytes[offset] = (bytes[offset] ?? 0) ^ (1 << Math.floor(random() * 8))
      return bytes
    case "zero":
      return bytes.fill(0, offset, end)
    case "fill":
      return bytes.fill(Math.floor(random() * 256), offset, end)
    case "insert": {
      const inserted = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
      return Buffer.concat([bytes.subarray(0, offset), inserted, bytes.subarray(offset)])
    }
    case "delete":
      return Buffer.concat([bytes.subarray(0, offset), bytes.subarray(end)])
    default:
      return kind satisfies never
  }
}

/** The share of tiles that look like the picture, in a viewer that tolerates damage. */
async function shareShown(mutant: Buffer): Promise<number> {
  const tones = await tonesOf(sharp(mutant, { failOn: "none" }))
  const wanted = await tonesOf(picture())
  if (tones === undefined || wanted === undefined) return 0
  let alike = 0
  for (let tile = 0; tile < 64; tile++) {
    let difference = 0
    for (let i = 0; i < 64; i++) {
      const offset = ((tile >> 3) * 8 + (i >> 3)) * 64 + (tile & 7) * 8 + (i & 7)
      difference += Math.abs((tones[offset] ?? 0) - (wanted[offset] ?? 0))
    }
    if (difference / 64 < TILE_TOLERANCE) alike++
  }
  return alike / 64
}

async function tonesOf(pipeline: Sharp): Promise<Buffer | undefined> {
  try {
    return await pipeline.flatten().resize(64, 64, { fit: "fill" }).greyscale().extractChannel(0).raw().toBuffer()
  } catch {
    return undefined
  }
}

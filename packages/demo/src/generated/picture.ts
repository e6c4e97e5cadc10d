/**
 * Generated pictures: overlapping ellipses and bars over a gradient, no two alike.
 * @module
 */
import type { Sharp } from "sharp"
import { seededRandom } from "./random.ts"

/** Loaded with the first picture, because scans import this module and make none. */
const loadSharp = async () => (await import("sharp")).default

/** Side of the drawing, pixels; enlarged smoothly to the size asked for. */
const CANVAS = 96
const SHAPES = 18

/**
 * Draws a picture.
 *
 * @param seed - the same seed gives the same picture; different seeds lie about 128 PDQ bits apart.
 * @returns RGB pixels, 96 by 96, row by row.
 */
export function drawPicture(seed: number): Uint8Array {
  const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1))
  const pixels = new Uint8Array(CANVAS * CANVAS * 3)
  const from = colour(random)
  const to = colour(random)
  for (let index = 0; index < pixels.length; index++) {
    const pixel = Math.floor(index / 3)
    const share = ((pixel % CANVAS) + Math.floor(pixel / CANVAS)) / (2 * CANVAS)
    pixels[index] = (from[index % 3] ?? 0) * (1 - share) + (to[index % 3] ?? 0) * share
  }
  for (let shape = 0; shape < SHAPES; shape++) drawShape(pixels, random)
  return pixels
}

/** Encodes a picture as JPEG. */
export async function pictureJpeg(seed: number, side = 384, quality = 88): Promise<Uint8Array> {
  const sharp = await loadSharp()
  const drawing = sharp(drawPicture(seed), { raw: { width: CANVAS, height: CANVAS, channels: 3 } })
  return drawing.resize(side, side, { kernel: "cubic" }).jpeg({ quality }).toBuffer()
}

type Change = (original: Sharp, side: number, seed: number) => Sharp

const CHANGES = {
  "re-encoded": (original) => original,
  resized: (original, side, seed) => original.resize(Math.round(side * (seed % 2 === 0 ? 0.6 : 1.4))),
  mirrored: (original) => original.flop(),
  turned: (original, _, seed) => original.rotate(90 * (1 + (seed % 3))),
  letterboxed: (original, side) => {
    const bar = Math.round(side / 6)
    return original.extend({ top: bar, bottom: bar, background: "black" })
  },
} satisfies Readonly<Record<string, Change>>

/** How a changed copy differs from the listed picture. */
export type CopyKind = keyof typeof CHANGES

/** Every kind of copy. */
export const COPY_KINDS = Object.keys(CHANGES) as readonly CopyKind[]

/** Makes a changed copy of the picture of a seed, as JPEG. */
export async function pictureCopy(seed: number, kind: CopyKind, side = 384): Promise<Uint8Array> {
  // Copies are made from the listed file, with its JPEG artefacts.
  const sharp = await loadSharp()
  const change: Change = CHANGES[kind]
  return change(sharp(await pictureJpeg(seed, side)), side, seed)
    .jpeg({ quality: 72 })
    .toBuffer()
}

function drawShape(pixels: Uint8Array, random: () => number): void {
  const centreX = random() * CANVAS
  const centreY = random() * CANVAS
  const radiusX = 4 + random() * CANVAS * 0.28
  const radiusY = 4 + random() * CANVAS * 0.28
  const isBar = random() < 0.4
  const [red, green, blue] = colour(random)
  const left = Math.max(0, Math.floor(centreX - radiusX))
  const right = Math.min(CANVAS - 1, Math.ceil(centreX + radiusX))
  const top = Math.max(0, Math.floor(centreY - radiusY))
  const bottom = Math.min(CANVAS - 1, Math.ceil(centreY + radiusY))
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const inside = isBar || ((x - centreX) / radiusX) ** 2 + ((y - centreY) / radiusY) ** 2 <= 1
      if (!inside) continue
      const offset = (y * CANVAS + x) * 3
      pixels[offset] = red
      pixels[offset + 1] = green
      pixels[offset + 2] = blue
    }
  }
}

function colour(random: () => number): readonly [number, number, number] {
  return [Math.floor(random() * 256), Math.floor(random() * 256), Math.floor(random() * 256)]
}

/**
 * Generated scenes to measure with: smooth noise in octaves, as photographs have it, with a few shapes before it.
 * @module
 */

/** RGB pixels, rows from the top. */
export interface Raw {
  readonly data: Buffer
  readonly width: number
  readonly height: number
}

/** Numbers from 0 up to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Widths and heights that scenes have in turn. */
const SIZES = [
  [480, 360],
  [360, 480],
  [512, 288],
  [400, 400],
] as const

/** Draws the scene of a seed. */
export function drawScene(seed: number): Raw {
  const [width, height] = SIZES[seed % SIZES.length] ?? SIZES[0]
  const random = seeded(seed)
  const tones = new Float32Array(width * height * 3).fill(128)
  for (let octave = 0, gain = 85; octave < 6; octave++, gain *= 0.55)
    addNoise(tones, { width, height, cells: 2 << octave }, gain, random)
  for (let shape = 0; shape < 7; shape++) addShape(tones, { width, height }, random)
  const data = Buffer.alloc(tones.length)
  for (const [i, tone] of tones.entries()) data[i] = Math.max(0, Math.min(255, tone + (random() - 0.5) * 6))
  return { data, width, height }
}

interface Grid {
  readonly width: number
  readonly height: number
  readonly cells: number
}

/** Adds noise that is smooth between the knots of a grid; the colours differ a little. */
function addNoise(tones: Float32Array, { width, height, cells }: Grid, gain: number, random: () => number): void {
  const knots = Array.from({ length: (cells + 1) ** 2 }, () => {
    const grey = (random() * 2 - 1) * gain
    return [grey + random() * gain * 0.3, grey, grey - random() * gain * 0.3]
  })
  for (let y = 0; y < height; y++) {
    const v = (y / height) * cells
    for (let x = 0; x < width; x++) {
      const u = (x / width) * cells
      const offset = Math.floor(v) * (cells + 1) + Math.floor(u)
      const [right, down] = [u % 1, v % 1]
      for (let i = 0; i < 3; i++) {
        const top = (knots[offset]?.[i] ?? 0) * (1 - right) + (knots[offset + 1]?.[i] ?? 0) * right
        const bottom =
          (knots[offset + cells + 1]?.[i] ?? 0) * (1 - right) + (knots[offset + cells + 2]?.[i] ?? 0) * right
        const to = (y * width + x) * 3 + i
        tones[to] = (tones[to] ?? 0) + top * (1 - down) + bottom * down
      }
    }
  }
}

/** Lays an ellipse or a box over the noise. */
function addShape(tones: Float32Array, { width, height }: Omit<Grid, "cells">, random: () => number): void {
  const [x0, y0] = [random() * width, random() * height]
  const [rx, ry] = [width * (0.05 + random() * 0.22), height * (0.05 + random() * 0.22)]
  const isBox = random() < 0.4
  const shift = [0, 1, 2].map(() => random() * 180 - 90)
  for (let y = Math.max(0, Math.floor(y0 - ry)); y < Math.min(height, y0 + ry); y++) {
    for (let x = Math.max(0, Math.floor(x0 - rx)); x < Math.min(width, x0 + rx); x++) {
      if (!isBox && ((x - x0) / rx) ** 2 + ((y - y0) / ry) ** 2 > 1) continue
      for (let i = 0; i < 3; i++)
        tones[(y * width + x) * 3 + i] = (tones[(y * width + x) * 3 + i] ?? 0) + (shift[i] ?? 0)
    }
  }
}

import { readFileSync } from "node:fs"

/** Kinds of generated pictures, by their number in the generator's seed. */
const KINDS = ["noise", "gradient", "checker", "rings", "flat"] as const

/** One of the generated pictures and the reference's result. */
export interface SyntheticVector {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly quality: number
  readonly hash: string
  readonly dihedral: readonly string[]
}

/** The 50 generated pictures with their expected values. */
export function syntheticVectors(): readonly SyntheticVector[] {
  return JSON.parse(readFileSync(new URL("../vectors/synthetic.json", import.meta.url), "utf8")) as SyntheticVector[]
}

/** RGB pixels of a generated picture, by a name such as `noise-63x64`; integer arithmetic throughout. */
export function syntheticPixels({
  name,
  width,
  height,
}: Pick<SyntheticVector, "name" | "width" | "height">): Uint8Array {
  const kind = KINDS.findIndex((known) => name.startsWith(known))
  const pixels = new Uint8Array(width * height * 3)
  let state = (0x9e3779b9 ^ (width * 65536 + height) ^ Math.imul(kind, 2654435761)) | 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const offset = (y * width + x) * 3
      if (kind === 0) {
        state ^= state << 13
        state ^= state >>> 17
        state ^= state << 5
        pixels.set([state & 255, (state >>> 8) & 255, (state >>> 16) & 255], offset)
      } else {
        pixels.set(shade(KINDS[kind] ?? "flat", x, y, { width, height }), offset)
      }
    }
  }
  return pixels
}

function shade(kind: string, x: number, y: number, size: { width: number; height: number }): [number, number, number] {
  const { width, height } = size
  if (kind === "gradient") {
    return [
      Math.trunc((x * 255) / Math.max(width - 1, 1)),
      Math.trunc((y * 255) / Math.max(height - 1, 1)),
      Math.trunc(((x + y) * 255) / Math.max(width + height - 2, 1)),
    ]
  }
  if (kind === "checker") {
    const value = (Math.trunc((x * 8) / width) + Math.trunc((y * 8) / height)) % 2 === 1 ? 230 : 25
    return [value, 255 - value, (value * 3) & 255]
  }
  if (kind === "rings") {
    const dx = 2 * x - (width - 1)
    const dy = 2 * y - (height - 1)
    const value =
      (Math.trunc((dx * dx * 1000) / (width * width)) + Math.trunc((dy * dy * 1000) / (height * height))) % 256
    return [value, (value * 7 + x) & 255, (value * 13 + y) & 255]
  }
  return [128, 128, 128]
}

import sharp, { type OverlayOptions, type Sharp } from "sharp"
import { seeded } from "./scenes.ts"

/** Colour and opacity, 0 to 255 each. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number]

export const BLACK: Colour = [0, 0, 0, 255]
export const WHITE: Colour = [255, 255, 255, 255]

/** A box of pixels over a picture: of one colour, or of strokes like lines of letters in one. */
export interface Overlay {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly colour: Colour
  readonly letters?: boolean
}

/** Lays boxes over a picture. */
export function overlaid(picture: Sharp, overlays: readonly Overlay[]): Sharp {
  return picture.composite(overlays.map(layer))
}

function layer({ left, top, width, height, colour, letters = false }: Overlay): OverlayOptions {
  const [w, h] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))]
  const input = Buffer.alloc(w * h * 4)
  const isInked = letters ? strokes(w, h) : () => true
  for (let i = 0; i < w * h; i++) if (isInked(i % w, Math.floor(i / w))) input.set(colour, i * 4)
  return { input, raw: { width: w, height: h, channels: 4 }, left: Math.round(left), top: Math.round(top) }
}

/** Upright and level strokes in cells as high as the box, with gaps between cells and words. */
function strokes(width: number, height: number): (x: number, y: number) => boolean {
  const cell = Math.max(4, Math.round(height * 0.6))
  const stroke = Math.max(1, Math.round(cell / 6))
  const random = seeded(width * 31 + height)
  const cells = Array.from({ length: Math.ceil(width / cell) }, () => ({
    isSpace: random() < 0.15,
    upright: random() * 0.6,
    level: random() * 0.8,
  }))
  return (x, y) => {
    const { isSpace, upright, level } = cells[Math.floor(x / cell)] ?? { isSpace: true, upright: 0, level: 0 }
    const within = x % cell
    if (isSpace || within > cell * 0.8) return false
    const isUpright = within >= upright * cell && within < upright * cell + stroke
    const isLevel = y >= level * height && y < level * height + stroke
    return isUpright || isLevel
  }
}

/** Adds noise of so many steps of 256 on either side to pixels. */
export function noisy(
  data: Buffer,
  strength: number,
  seed: number,
  isHit: (pixel: number) => boolean = () => true,
): Buffer {
  const random = seeded(seed + 77)
  const out = Buffer.from(data)
  for (let i = 0; i < out.length; i++) {
    if (!isHit(Math.floor(i / 3))) continue
    const noise = (random() + random() + random() - 1.5) * 2 * strength
    out[i] = Math.max(0, Math.min(255, Math.round((out[i] ?? 0) + noise)))
  }
  return out
}

/** RGB pixels of a pipeline. */
export async function pixelsOf(picture: Sharp): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await picture.removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** A pipeline over RGB pixels. */
export function fromPixels({ data, width, height }: { data: Buffer; width: number; height: number }): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}

import { type Pixels, releaseMemory } from "./pixels.ts"

/** Whether every pixel of RGBA bytes is opaque. */
export function isOpaque(rgba: Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false
  return true
}

/** Composes RGBA pixels on a grey background of 0 to 255, as RGB in new memory. */
export function composeOnGrey({ data, width, height }: Pixels, ground: number): Pixels {
  const rgb = new Uint8Array(width * height * 3)
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const alpha = data[from + 3] ?? 0
    const below = (255 - alpha) * ground + 127
    rgb[to] = ((data[from] ?? 0) * alpha + below) / 255
    rgb[to + 1] = ((data[from + 1] ?? 0) * alpha + below) / 255
    rgb[to + 2] = ((data[from + 2] ?? 0) * alpha + below) / 255
  }
  return { data: rgb, width, height, channels: 3, release: () => releaseMemory(rgb) }
}

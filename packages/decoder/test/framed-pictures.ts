import type { Pixels } from "../src/child/pixels.ts"
import { generator } from "./pictures.ts"

/** Tone at a place, to be added to a colour. */
type ToneAt = (x: number, y: number) => number

/** What fills a part of a picture. */
const FILLS = {
  flat: () => () => 0,
  "a slope": (random) => {
    const [across, down] = [random() * 4 - 2, random() * 4 - 2]
    return (x, y) => across * x + down * y
  },
  waves: (random) => {
    const [across, down, gain] = [random() * 0.4, random() * 0.4, random() * 90]
    return (x, y) => gain * Math.sin(across * x + down * y)
  },
  blocks: (random) => {
    const [size, gain] = [2 + Math.floor(random() * 30), random() * 160]
    return (x, y) => (((Math.floor(x / size) * 7 + Math.floor(y / size) * 13) % 5) / 5) * gain
  },
  letters: (random) => {
    const [gain, height] = [random() * 250, 4 + Math.floor(random() * 12)]
    return (x, y) => (y % (2 * height) < height && x % 7 < 3 && x > 14 ? gain : 0)
  },
} satisfies Record<string, (random: () => number) => ToneAt>

/** Shares of noise: none, as of a JPEG, as of a film, and at the tolerance of bars. */
const NOISES = [0, 0, 3, 12, 24, 26, 40, 120]

/**
 * A picture of random size, content and frame, the same for the same seed. Its sides may have bars: flat, sloped,
 * noisy, with letters or with a smooth filling, from one pixel to most of the picture; and a few pixels that differ.
 */
export function framedPicture(seed: number): Pixels {
  const random = generator(seed * 2 + 1)
  const upTo = (most: number) => Math.floor(random() * (most + 1))
  const side = () => 1 + (random() < 0.1 ? upTo(40) : 30 + upTo(random() < 0.2 ? 330 : 130))
  const [width, height] = [side(), side()]
  const channels = random() < 0.25 ? 4 : 3
  const data = new Uint8Array(width * height * channels)
  const fill = (left: number, top: number, right: number, bottom: number, isBar: boolean) => {
    const kinds = Object.values(FILLS)
    const toneAt = (isBar && random() < 0.5 ? FILLS.flat : (kinds[upTo(kinds.length - 1)] ?? FILLS.flat))(random)
    const noise = NOISES[upTo(NOISES.length - 1)] ?? 0
    const colour = [random() * 255, random() * 255, random() * 255, 255]
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const tone = toneAt(x, y) + (noise === 0 ? 0 : (random() * 2 - 1) * noise)
        for (let channel = 0; channel < channels; channel++) {
          const value = (colour[channel] ?? 0) + (channel < 3 ? tone : -upTo(255))
          data[(y * width + x) * channels + channel] = Math.max(0, Math.min(255, value))
        }
      }
    }
  }
  fill(0, 0, width, height, false)
  const bar = (length: number) => (random() < 0.6 ? 0 : upTo(Math.floor(length * (random() < 0.1 ? 1 : 0.45))))
  const isEven = random() < 0.5
  const [top, left] = [bar(height), bar(width)]
  const [bottom, right] = isEven ? [top, left] : [bar(height), bar(width)]
  // The whole frame is filled at once, so that opposite bars go on with each other, or each by itself.
  if (isEven && top + left > 0) {
    fill(0, 0, width, height, true)
    fill(Math.min(left, width), Math.min(top, height), width - right, height - bottom, false)
  } else {
    fill(0, 0, left, height, true)
    fill(width - right, 0, width, height, true)
    fill(0, 0, width, top, true)
    fill(0, height - bottom, width, height, true)
  }
  for (let i = random() < 0.5 ? upTo(width * 2) : 0; i > 0; i--) data[upTo(data.length - 1)] = upTo(255)
  return { data, width, height, channels, release() {} }
}

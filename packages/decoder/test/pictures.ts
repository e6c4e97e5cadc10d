import sharp, { type Sharp } from "sharp"

/** Raw RGB pixels with their size. */
export interface Raw {
  readonly data: Buffer
  readonly width: number
  readonly height: number
}

/** A harmless scene of waves and blocks, different for each seed, with enough structure for a hash of quality 100. */
export function scene(seed = 1, width = 256, height = 192): Raw {
  const random = generator(seed)
  const waves = Array.from({ length: 12 }, () => ({
    x: (random() - 0.5) * 24,
    y: (random() - 0.5) * 24,
    phase: random() * 7,
    gain: 10 + random() * 25,
  }))
  const blocks = Array.from({ length: 10 }, () => ({
    x: random(),
    y: random(),
    w: 0.1 + random() * 0.3,
    h: 0.1 + random() * 0.3,
    tone: (random() - 0.5) * 160,
  }))
  const data = Buffer.alloc(width * height * 3)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = column / width
      const y = row / height
      let tone = 128
      for (const wave of waves) tone += wave.gain * Math.sin(wave.x * x + wave.y * y + wave.phase)
      for (const block of blocks) {
        if (x > block.x && x < block.x + block.w && y > block.y && y < block.y + block.h) tone += block.tone
      }
      const offset = (row * width + column) * 3
      data[offset] = clamp(tone + 20 * x)
      data[offset + 1] = clamp(tone)
      data[offset + 2] = clamp(tone + 20 * y - 10)
    }
  }
  return { data, width, height }
}

/** A sharp pipeline over raw RGB pixels. */
export function toSharp({ data, width, height }: Raw): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** A scene's pixels with an alpha channel from `alphaAt`. */
export function withAlpha(raw: Raw, alphaAt: (x: number, y: number) => number): Sharp {
  const { data, width, height } = raw
  const rgba = Buffer.alloc(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    data.copy(rgba, i * 4, i * 3, i * 3 + 3)
    rgba[i * 4 + 3] = alphaAt(i % width, Math.floor(i / width))
  }
  return sharp(rgba, { raw: { width, height, channels: 4 } })
}

/** An animation with the scenes as frames, all of one size. */
export function animation(frames: readonly Raw[]): Sharp {
  const [first] = frames
  if (first === undefined) throw new Error("expected at least one frame")
  const data = Buffer.concat(frames.map((frame) => frame.data))
  const { width, height } = first
  return sharp(data, { raw: { width, height: height * frames.length, channels: 3, pageHeight: height } })
}

function clamp(tone: number): number {
  return Math.max(0, Math.min(255, Math.round(tone)))
}

/** Repeatable pseudo-random numbers from 0 to 1. */
export function generator(seed: number): () => number {
  let state = (seed * 0x9e3779b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

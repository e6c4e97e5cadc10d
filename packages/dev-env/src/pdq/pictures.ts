/** Raw pixels, row by row, with their dimensions. */
export interface TestPicture {
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}

/** Makes a seeded source of numbers, 0 <= n < 1. */
export function createRandom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Uncorrelated bytes, the hardest case for rounding. */
export function noisePicture(seed: number, shape: Omit<TestPicture, "pixels">): TestPicture {
  const random = createRandom(seed)
  const pixels = new Uint8Array(shape.width * shape.height * shape.channels)
  for (let index = 0; index < pixels.length; index++) pixels[index] = random() * 256
  return { pixels, ...shape }
}

/** A generated scene: smooth noise in five octaves, a few rectangles, sensor noise. */
export function scenePicture(seed: number, shape: Omit<TestPicture, "pixels">): TestPicture {
  const { width, height, channels } = shape
  const random = createRandom(seed)
  const colours = channels === 1 ? 1 : 3
  const scene = new Float32Array(width * height * colours).fill(128)
  for (let octave = 0, amplitude = 90; octave < 5; octave++, amplitude *= 0.55) {
    addSmoothNoise(scene, { width, height, colours, cells: 3 << octave }, () => (random() * 2 - 1) * amplitude)
  }
  for (let rectangle = 0; rectangle < 6; rectangle++) {
    const left = Math.floor(random() * width)
    const top = Math.floor(random() * height)
    const right = Math.min(width, left + Math.ceil((random() * width) / 3))
    const bottom = Math.min(height, top + Math.ceil((random() * height) / 3))
    const shade = random() * 160 - 80
    for (let y = top; y < bottom; y++) {
      for (let offset = (y * width + left) * colours; offset < (y * width + right) * colours; offset++)
        scene[offset]! += shade
    }
  }
  const pixels = new Uint8Array(width * height * channels)
  for (let index = 0; index < scene.length; index++) {
    const value = Math.max(0, Math.min(255, scene[index]! + random() * 8 - 4))
    pixels[channels === 4 ? Math.floor(index / 3) * 4 + (index % 3) : index] = value
  }
  return { pixels, ...shape }
}

/** Adds bilinear noise whose grid has `cells` x `cells` cells. */
function addSmoothNoise(
  scene: Float32Array,
  grid: { width: number; height: number; colours: number; cells: number },
  value: () => number,
): void {
  const { width, height, colours, cells } = grid
  const rowLength = (cells + 1) * colours
  const knots = Float32Array.from({ length: (cells + 1) * rowLength }, value)
  let offset = 0
  for (let y = 0; y < height; y++) {
    const v = (y / height) * cells
    const row = Math.floor(v)
    const down = v - row
    const upper = row * rowLength
    for (let x = 0; x < width; x++) {
      const u = (x / width) * cells
      const column = Math.floor(u)
      const right = u - column
      const left = upper + column * colours
      for (let colour = 0; colour < colours; colour++) {
        const knot = left + colour
        const top = knots[knot]! + (knots[knot + colours]! - knots[knot]!) * right
        const below = knot + rowLength
        const bottom = knots[below]! + (knots[below + colours]! - knots[below]!) * right
        scene[offset++]! += top + (bottom - top) * down
      }
    }
  }
}

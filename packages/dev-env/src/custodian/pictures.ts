import sharp from "sharp"

const made = new Map<string, Promise<Buffer>>()

/** A harmless generated picture: bands and a block, different for each seed; the same bytes each time, not to be changed. */
export function picture(seed = 1, width = 640, height = 480): Promise<Buffer> {
  const key = [seed, width, height].join()
  const known = made.get(key) ?? draw(seed, width, height)
  made.set(key, known)
  return known
}

async function draw(seed: number, width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const tone = 128 + 90 * Math.sin((x * (seed + 2)) / 60) * Math.cos((y * (seed + 3)) / 80)
      const inBlock = x > 100 * seed && x < 100 * seed + 150 && y > 120 && y < 300
      const start = (y * width + x) * 3
      data[start] = data[start + 1] = data[start + 2] = Math.round(inBlock ? 255 - tone : tone)
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer()
}

import sharp from "sharp"

/** A harmless generated picture: bands and a block, different for each seed. */
export async function picture(seed = 1, width = 640, height = 480): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const tone = 128 + 90 * Math.sin((x * (seed + 2)) / 60) * Math.cos((y * (seed + 3)) / 80)
      const inBlock = x > 100 * seed && x < 100 * seed + 150 && y > 120 && y < 300
      data.fill(Math.round(inBlock ? 255 - tone : tone), (y * width + x) * 3, (y * width + x) * 3 + 3)
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer()
}

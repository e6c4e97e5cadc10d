import sharp from "sharp"

/** A picture as a bitmap of 24 bits. */
export async function bitmapOf(picture: Uint8Array): Promise<Buffer> {
  const { head, pixels } = await dibOf(picture, 1)
  const file = Buffer.alloc(14)
  file.write("BM", "latin1")
  file.writeUInt32LE(14 + head.length + pixels.length, 2)
  file.writeUInt32LE(14 + head.length, 10)
  return Buffer.concat([file, head, pixels])
}

/** A picture as an icon: a bitmap with a mask that hides nothing, as sites have them. */
export async function iconOf(picture: Uint8Array): Promise<Buffer> {
  const { head, pixels, width, height } = await dibOf(picture, 2)
  const mask = Buffer.alloc(Math.ceil(width / 32) * 4 * height)
  const entry = Buffer.concat([head, pixels, mask])
  const directory = Buffer.from([0, 0, 1, 0, 1, 0, width, height, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 22, 0, 0, 0])
  directory.writeUInt32LE(entry.length, 14)
  return Buffer.concat([directory, entry])
}

async function dibOf(picture: Uint8Array, heightTimes: number) {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const head = Buffer.alloc(40)
  head.writeUInt32LE(40, 0)
  head.writeInt32LE(width, 4)
  head.writeInt32LE(height * heightTimes, 8)
  head.set([1, 0, 24, 0], 12)
  const rowBytes = Math.ceil((width * 3) / 4) * 4
  const pixels = Buffer.alloc(rowBytes * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red = 0, green = 0, blue = 0] = data.subarray(3 * (y * width + x))
      pixels.set([blue, green, red], (height - 1 - y) * rowBytes + 3 * x)
    }
  }
  return { head, pixels, width, height }
}

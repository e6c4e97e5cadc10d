/**
 * Lays a folder of generated pictures with captions, and a hash list that names two of them among random hashes:
 * `lay-dataset FOLDER LIST.csv`, for the examples of the guides.
 */
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import sharp from "sharp"

const PICTURES = 12
const LISTED = 2

const [folder = "dataset", list = "list.csv"] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const rows = ["hash,type,category"]
for (let index = 0; index < 100; index++) rows.push(`${digestOf(`no picture ${index}`)},sha256,test`)
for (let index = 0; index < PICTURES; index++) {
  const jpeg = await picture(index)
  const name = String(index).padStart(4, "0")
  writeFileSync(join(folder, `${name}.jpg`), jpeg)
  writeFileSync(join(folder, `${name}.txt`), `shapes, number ${index}\n`)
  if (index < LISTED) rows.push(`${digestOf(jpeg)},sha256,test`)
}
writeFileSync(list, `${rows.join("\n")}\n`)

function digestOf(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

function picture(seed: number): Promise<Buffer> {
  const [width, height] = [320, 240]
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inDisc = (x - 60 - seed * 17) ** 2 + (y - 120) ** 2 < (20 + seed * 6) ** 2
      pixels.set(inDisc ? [250, 40 + seed * 9, 30] : [x % 256, y, (x * (seed + 1)) % 256], (y * width + x) * 3)
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer()
}

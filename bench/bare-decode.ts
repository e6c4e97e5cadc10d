/**
 * Decodes every JPEG of the shards in a folder to pixels with sharp and does nothing else: the yardstick of the scan.
 * Four in flight and one libvips thread each, which is what serves it best here.
 * @module
 */
import { openSync, readdirSync, readFileSync, readSync } from "node:fs"
import { join } from "node:path"
import sharp from "sharp"

const [folder = ""] = process.argv.slice(2)
const BLOCK = 512
const IN_FLIGHT = 4

sharp.concurrency(1)
sharp.cache(false)

/** Places of the members ending in `.jpg`. */
function* pictures(path: string): Generator<{ offset: number; length: number }> {
  const bytes = readFileSync(path)
  for (let offset = 0; offset + BLOCK <= bytes.length && bytes[offset] !== 0; ) {
    const name = bytes.toString("latin1", offset, offset + 100).replace(/\0.*/s, "")
    const length = Number.parseInt(bytes.toString("latin1", offset + 124, offset + 135), 8)
    if (name.endsWith(".jpg")) yield { offset: offset + BLOCK, length }
    offset += BLOCK + Math.ceil(length / BLOCK) * BLOCK
  }
}

for (const name of readdirSync(folder).sort()) {
  const path = join(folder, name)
  const file = openSync(path, "r")
  const queue = [...pictures(path)]
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const bytes = Buffer.allocUnsafe(next.length)
      readSync(file, bytes, 0, next.length, next.offset)
      await sharp(bytes).raw().toBuffer()
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
}

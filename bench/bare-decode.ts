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
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const name = bytes.toString("latin1", at, at + 100).replace(/\0.*/s, "")
    const length = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8)
    if (name.endsWith(".jpg")) yield { offset: at + BLOCK, length }
    at += BLOCK + Math.ceil(length / BLOCK) * BLOCK
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

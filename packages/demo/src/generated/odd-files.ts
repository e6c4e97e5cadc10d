/**
 * A folder of files that are not plain pictures, as every real dataset has them.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { ZipFile } from "yazl"
import { pictureJpeg } from "./picture.ts"
import type { TarMember } from "./tar-writer.ts"

/** Seeds of the odd files' pictures, apart from all others. */
const SEED = 2_000_000_000

/**
 * Writes captioned pictures, a cut-off JPEG, a drawing and an archive into a folder.
 *
 * @param hidden - a picture to hide in the archive, and one to leave among the plain files.
 */
export async function makeOddFiles(folder: string, hidden: { archived: Uint8Array; plain: Uint8Array }): Promise<void> {
  await mkdir(folder, { recursive: true })
  const put = (name: string, bytes: Uint8Array | string) => writeFile(join(folder, name), bytes)
  for (let number = 0; number < 4; number++) {
    await put(`shapes-${number}.jpg`, await pictureJpeg(SEED + number))
    await put(`shapes-${number}.txt`, `Generated shapes, odd number ${number}\n`)
  }
  const whole = await pictureJpeg(SEED + 4)
  await put("cut-off.jpg", whole.subarray(0, Math.floor(whole.length * 0.6)))
  await put(
    "drawing.svg",
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>\n',
  )
  await put("listed.jpg", hidden.plain)
  await put("listed.txt", "Generated shapes\n")
  await put(
    "more.zip",
    await zipOf([
      { name: "one.jpg", bytes: await pictureJpeg(SEED + 5) },
      { name: "two.jpg", bytes: hidden.archived },
      { name: "three.jpg", bytes: await pictureJpeg(SEED + 6) },
    ]),
  )
}

/** Writes members as a zip file's bytes, with fixed times. */
export async function zipOf(members: readonly TarMember[]): Promise<Uint8Array> {
  const zip = new ZipFile()
  for (const { name, bytes } of members) zip.addBuffer(Buffer.from(bytes), name, { mtime: new Date(315_532_800_000) })
  zip.end()
  const parts: Uint8Array[] = []
  for await (const part of zip.outputStream as AsyncIterable<Uint8Array>) parts.push(part)
  return Buffer.concat(parts)
}

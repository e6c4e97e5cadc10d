/**
 * Pictures of the matrix: listed ones, each changed in another way, between clear ones.
 */
import { join } from "node:path"
import { COPY_KINDS } from "@nightlight/demo/generated"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { changedJpeg, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { sha256 } from "@nightlight/dev-env/dataset/shards"
import sharp from "sharp"

/** A picture of the matrix. */
export interface MatrixPicture {
  /** `p00` onwards: samples of every format are told apart by it. */
  readonly key: string
  /** File name; its ending is that of its encoding. */
  readonly name: string
  readonly bytes: Uint8Array
  /** How it differs from a listed picture; undefined for a clear one. */
  readonly change?: string
}

/** Pictures, in order, with the folder in which they lie as files, for writers that read files. */
export interface Pictures {
  readonly folder: string
  readonly all: readonly MatrixPicture[]
}

type Change = (seed: number) => Promise<Uint8Array>

/** Every change, by name. */
const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ["exact", jpeg],
  [
    "as PNG",
    async (seed) =>
      await sharp(await jpeg(seed))
        .png()
        .toBuffer(),
  ],
  [
    "as WebP",
    async (seed) =>
      await sharp(await jpeg(seed))
        .webp({ quality: 80 })
        .toBuffer(),
  ],
  ...COPY_KINDS.map((kind) => [kind, (seed: number) => changedJpeg(seed, kind)] as const),
])

const ENDINGS: ReadonlyMap<string, string> = new Map([
  ["as PNG", "png"],
  ["as WebP", "webp"],
])

/** Seed of the first listed picture; each change has another one. */
const FIRST_LISTED = 960

/** Names of all changes, in the order of the planted pictures. */
export const CHANGE_NAMES: readonly string[] = [...CHANGES.keys()]

/** Draws the pictures, two clear ones behind every second planted one, and writes them to the folder. */
export async function drawPictures(folder: string): Promise<Pictures> {
  const drawn: Omit<MatrixPicture, "key" | "name">[] = [{ bytes: await jpeg(1) }]
  for (const [index, [change, make]] of [...CHANGES].entries()) {
    drawn.push({ bytes: await make(FIRST_LISTED + index), change })
    if (index % 2 === 1) drawn.push({ bytes: await jpeg(2 * index) }, { bytes: await jpeg(2 * index + 1) })
  }
  const all = drawn.map((picture, index) => {
    const key = `p${String(index).padStart(2, "0")}`
    return { ...picture, key, name: `${key}.${ENDINGS.get(picture.change ?? "") ?? "jpg"}` }
  })
  writeFiles(folder, Object.fromEntries(all.map(({ name, bytes }) => [name, bytes])))
  return { folder, all }
}

/** List entries of the pictures that were changed. */
export function listedRecords() {
  return listOf(...CHANGE_NAMES.map((_, index) => FIRST_LISTED + index))
}

/** Where a picture lies as a file. */
export function fileOf({ folder }: Pictures, { name }: MatrixPicture): string {
  return join(folder, name)
}

/** What a reader of a format saw of each sample, by the picture's key: digests of everything in it, in order. */
export type Seen = ReadonlyMap<string, string>

/** Sums up what was seen of each sample. @throws {Error} for a part that no picture's key is in. */
export function toSeen(parts: Iterable<readonly [name: string, content: string | Uint8Array]>): Seen {
  const seen = new Map<string, string>()
  for (const [name, content] of parts) {
    const key = /p\d\d/.exec(name)?.[0]
    if (key === undefined) throw new Error(`expected a picture's key in ${name}`)
    seen.set(key, `${seen.get(key) ?? ""}${name} ${sha256(Buffer.from(content as string))}\n`)
  }
  return seen
}

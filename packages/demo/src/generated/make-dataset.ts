/**
 * Makes WebDataset shards of generated pictures with planted copies of listed ones, and the matching hash list.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { COPY_KINDS, type CopyKind, pictureCopy, pictureJpeg } from "./picture.ts"
import { hashesOf } from "./picture-hashes.ts"
import { seededRandom } from "./random.ts"
import { writeTar } from "./tar-writer.ts"

/** Size and place of a dataset to make. */
export interface DatasetRequest {
  readonly folder: string
  /** Pictures that are on no list. */
  readonly pictures: number
  /** Pictures on the list. Of each, one exact copy and one copy of every {@link CopyKind} are planted. */
  readonly listed: number
  readonly perShard: number
  /** Side of a picture, pixels. */
  readonly side?: number
}

/** How a planted picture relates to the listed one. */
export type PlantKind = CopyKind | "exact"

/** A picture of a dataset. */
export interface DatasetPicture {
  readonly seed: number
  /** Absent for a picture on no list. */
  readonly kind?: PlantKind
  /** Host in the URL of its metadata. */
  readonly host?: string
}

/** A generated dataset and its list. */
export interface MadeDataset {
  readonly shards: readonly string[]
  /** The planted copies: shard and key of each. */
  readonly planted: readonly { readonly shard: string; readonly key: string }[]
  /** The list, CSV: md5, sha1, sha256 and PDQ of each listed picture. */
  readonly listCsv: string
}

/** First seed of listed pictures, far above the seeds of others. */
const LISTED_SEED = 1_000_000_000

type OnProgress = (done: number, total: number) => void

/** Makes the dataset. */
export async function makeDataset(request: DatasetRequest, onProgress?: OnProgress): Promise<MadeDataset> {
  const { folder, pictures, listed, perShard, side = 384 } = request
  const random = seededRandom(7)
  const plan: DatasetPicture[] = Array.from({ length: pictures }, (_, seed) => ({ seed }))
  const seeds = Array.from({ length: listed }, (_, entry) => LISTED_SEED + entry)
  for (const seed of seeds) {
    for (const kind of ["exact", ...COPY_KINDS] as const) {
      plan.splice(Math.floor(random() * (plan.length + 1)), 0, { seed, kind })
    }
  }
  const made = await writeShards(folder, plan, { perShard, side }, onProgress)
  const records = await hashesOf(seeds, side, "generated-shapes")
  const lines = records.map(({ hash, hashType, category }) => `${hash},${hashType},${category}\n`)
  return { ...made, listCsv: `hash,type,category\n${lines.join("")}` }
}

/** Writes pictures into shards, each with a caption and metadata beside it, as crawlers write them. */
export async function writeShards(
  folder: string,
  pictures: readonly DatasetPicture[],
  { perShard, side }: Required<Pick<DatasetRequest, "perShard" | "side">>,
  onProgress?: OnProgress,
): Promise<Pick<MadeDataset, "shards" | "planted">> {
  await mkdir(folder, { recursive: true })
  const planted: { shard: string; key: string }[] = []
  const shards: string[] = []
  for (let first = 0; first < pictures.length; first += perShard) {
    const shard = `${String(shards.length).padStart(6, "0")}.tar`
    const members: { name: string; bytes: Uint8Array }[] = []
    for (const [position, picture] of pictures.slice(first, first + perShard).entries()) {
      const key = `${String(shards.length).padStart(5, "0")}${String(position).padStart(4, "0")}`
      const { seed, kind, host = "pictures.example" } = picture
      const metadata = { url: `https://${host}/${key}.jpg`, license: "CC0-1.0", key }
      members.push(
        { name: `${key}.jpg`, bytes: await pictureOf(picture, side) },
        { name: `${key}.json`, bytes: Buffer.from(JSON.stringify(metadata)) },
        { name: `${key}.txt`, bytes: Buffer.from(`Generated shapes, number ${seed}`) },
      )
      if (kind !== undefined) planted.push({ shard, key })
      onProgress?.(first + position + 1, pictures.length)
    }
    await writeFile(join(folder, shard), writeTar(members))
    shards.push(shard)
  }
  return { shards, planted }
}

/** Draws a picture, or a copy of it, as JPEG. */
export function pictureOf({ seed, kind = "exact" }: DatasetPicture, side: number): Promise<Uint8Array> {
  return kind === "exact" ? pictureJpeg(seed, side) : pictureCopy(seed, kind, side)
}

/**
 * Makes WebDataset shards of generated pictures with planted copies of listed ones, and the matching hash list.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { COPY_KINDS, type CopyKind, pictureCopy, pictureJpeg } from "./picture.ts"
import { pictureHashes } from "./picture-hashes.ts"
import { seededRandom } from "./random.ts"
import { type TarMember, writeTar } from "./tar-writer.ts"

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
  readonly kind?: PlantKind | undefined
  /** Host in the URL of its metadata. */
  readonly host?: string
}

/** A planted copy and where it is. */
export interface Plant {
  readonly kind: PlantKind
  readonly shard: string
  readonly key: string
}

/** A generated dataset and its list. */
export interface MadeDataset {
  readonly shards: readonly string[]
  readonly samples: number
  readonly planted: readonly Plant[]
  /** The list, CSV: md5, sha1, sha256 and PDQ of each listed picture. */
  readonly listCsv: string
}

/** First seed of listed pictures, far above the seeds of others. */
export const LISTED_SEED = 1_000_000_000

type OnProgress = (done: number, total: number) => void

/** Makes the dataset. */
export async function makeDataset(request: DatasetRequest, onProgress?: OnProgress): Promise<MadeDataset> {
  const { folder, pictures, listed, perShard, side = 384 } = request
  const plan = shuffledPlan(pictures, listed)
  const made = await writeShards(folder, plan, { perShard, side }, onProgress)
  return { ...made, samples: plan.length, listCsv: await listOf(listed, side) }
}

/** Writes pictures into shards, each with a caption and metadata beside it, as crawlers write them. */
export async function writeShards(
  folder: string,
  pictures: readonly DatasetPicture[],
  { perShard, side }: Required<Pick<DatasetRequest, "perShard" | "side">>,
  onProgress?: OnProgress,
): Promise<Pick<MadeDataset, "shards" | "planted">> {
  await mkdir(folder, { recursive: true })
  const planted: Plant[] = []
  const shards: string[] = []
  for (let first = 0; first < pictures.length; first += perShard) {
    const shard = `${String(shards.length).padStart(6, "0")}.tar`
    const members: TarMember[] = []
    for (const [position, picture] of pictures.slice(first, first + perShard).entries()) {
      const key = `${String(shards.length).padStart(5, "0")}${String(position).padStart(4, "0")}`
      members.push(...sample(key, picture, await pictureOf(picture, side)))
      if (picture.kind !== undefined) planted.push({ kind: picture.kind, shard, key })
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

function shuffledPlan(pictures: number, listed: number): readonly DatasetPicture[] {
  const random = seededRandom(7)
  const plan: DatasetPicture[] = Array.from({ length: pictures }, (_, seed) => ({ seed }))
  for (let entry = 0; entry < listed; entry++) {
    for (const kind of ["exact", ...COPY_KINDS] as const) {
      plan.splice(Math.floor(random() * (plan.length + 1)), 0, { seed: LISTED_SEED + entry, kind })
    }
  }
  return plan
}

function sample(key: string, { seed, host = "pictures.example" }: DatasetPicture, bytes: Uint8Array): TarMember[] {
  const text = new TextEncoder()
  const metadata = { url: `https://${host}/${key}.jpg`, license: "CC0-1.0", key }
  return [
    { name: `${key}.jpg`, bytes },
    { name: `${key}.json`, bytes: text.encode(JSON.stringify(metadata)) },
    { name: `${key}.txt`, bytes: text.encode(`Generated shapes, number ${seed}`) },
  ]
}

async function listOf(listed: number, side: number): Promise<string> {
  const lines = ["hash,type,category"]
  for (let entry = 0; entry < listed; entry++) {
    const records = await pictureHashes(await pictureJpeg(LISTED_SEED + entry, side), "generated-shapes")
    for (const { hash, hashType, category } of records) lines.push(`${hash},${hashType},${category}`)
  }
  return `${lines.join("\n")}\n`
}

/**
 * Makes a dataset of generated pictures in WebDataset shards, with copies of listed pictures planted in it, and the
 * list that knows them. The demonstration and the tests use the same.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { COPY_KINDS, type CopyKind, pictureCopy, pictureJpeg } from "./picture.ts"
import { pictureHashes } from "./picture-hashes.ts"
import { seededRandom } from "./random.ts"
import { type TarMember, writeTar } from "./tar-writer.ts"

/** What to make. */
export interface DatasetRequest {
  readonly folder: string
  /** Pictures that are on no list. */
  readonly pictures: number
  /** Pictures on the list; of each, one exact copy and one of every kind of changed copy are planted. */
  readonly listed: number
  readonly perShard: number
  /** Side of a picture, pixels. */
  readonly side?: number
}

/** How a planted item came to be. */
export type PlantKind = CopyKind | "exact"

/** A planted copy and where it is. */
export interface Plant {
  readonly kind: PlantKind
  readonly shard: string
  readonly key: string
}

/** A dataset as made. */
export interface MadeDataset {
  readonly shards: readonly string[]
  readonly samples: number
  readonly planted: readonly Plant[]
  /** The list, CSV: md5, sha1, sha256 and PDQ of each listed picture. */
  readonly listCsv: string
}

/** Seeds of listed pictures begin here, far from those of the others. */
export const LISTED_SEED = 1_000_000_000

/** Makes the dataset; each picture has a caption and metadata beside it, as crawlers write them. */
export async function makeDataset(
  request: DatasetRequest,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<MadeDataset> {
  const { folder, pictures, listed, perShard, side = 384 } = request
  await mkdir(folder, { recursive: true })
  const order = shuffledPlan(pictures, listed)
  const planted: Plant[] = []
  const shards: string[] = []
  for (let first = 0; first < order.length; first += perShard) {
    const shard = `${String(shards.length).padStart(6, "0")}.tar`
    const members: TarMember[] = []
    for (const [position, { seed, kind }] of order.slice(first, first + perShard).entries()) {
      const key = `${String(shards.length).padStart(5, "0")}${String(position).padStart(4, "0")}`
      const bytes = await pictureOf(seed, kind, side)
      members.push(...sample(key, seed, bytes))
      if (kind !== undefined) planted.push({ kind, shard, key })
      onProgress(first + position + 1, order.length)
    }
    await writeFile(join(folder, shard), writeTar(members))
    shards.push(shard)
  }
  return { shards, samples: order.length, planted, listCsv: await listOf(listed, side) }
}

interface PlannedPicture {
  readonly seed: number
  readonly kind: PlantKind | undefined
}

function shuffledPlan(pictures: number, listed: number): readonly PlannedPicture[] {
  const random = seededRandom(7)
  const kinds: readonly PlantKind[] = ["exact", ...COPY_KINDS]
  const plan: PlannedPicture[] = Array.from({ length: pictures }, (_, seed) => ({ seed, kind: undefined }))
  for (let entry = 0; entry < listed; entry++) {
    for (const kind of kinds) {
      plan.splice(Math.floor(random() * (plan.length + 1)), 0, { seed: LISTED_SEED + entry, kind })
    }
  }
  return plan
}

async function pictureOf(seed: number, kind: PlantKind | undefined, side: number): Promise<Uint8Array> {
  return kind === undefined || kind === "exact" ? pictureJpeg(seed, side) : pictureCopy(seed, kind, side)
}

function sample(key: string, seed: number, bytes: Uint8Array): readonly TarMember[] {
  const text = new TextEncoder()
  const metadata = { url: `https://pictures.example/${seed}.jpg`, license: "CC0-1.0", key }
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

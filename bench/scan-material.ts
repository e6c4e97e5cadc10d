/**
 * Dataset and workspace of the scan's bench.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { ListItem } from "@nightlight/core"
import { importWorkspaceList, initWorkspace, openWorkspace } from "@nightlight/dataset"
import { drawPicture, writeTar } from "@nightlight/demo/generated"
import sharp from "sharp"

const SIDE = 512
const DISTINCT = 500
const PER_SHARD = 1_000

/** Writes shards of JPEGs, 512 px, noisy enough to weigh what photographs weigh. */
export async function makeBenchDataset(folder: string, count: number): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const distinct: Uint8Array[] = []
  for (let seed = 0; seed < DISTINCT; seed++) distinct.push(await noisyJpeg(seed))
  for (let first = 0, shard = 0; first < count; first += PER_SHARD, shard++) {
    const members = Array.from({ length: Math.min(PER_SHARD, count - first) }, (_, position) => ({
      name: `${String(first + position).padStart(9, "0")}.jpg`,
      bytes: distinct[(first + position) % DISTINCT] ?? new Uint8Array(),
    }))
    writeFileSync(join(folder, `${String(shard).padStart(6, "0")}.tar`), writeTar(members))
  }
}

/** Writes the same JPEGs as files of a folder. */
export async function writeBenchPictures(folder: string, count: number): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const distinct: Uint8Array[] = []
  for (let seed = 0; seed < DISTINCT; seed++) distinct.push(await noisyJpeg(seed))
  for (let index = 0; index < count; index++) {
    writeFileSync(join(folder, `${String(index).padStart(9, "0")}.jpg`), distinct[index % DISTINCT] ?? new Uint8Array())
  }
}

/** Makes a workspace with one list. */
export async function makeBenchWorkspace(folder: string, entries: AsyncIterable<ListItem>): Promise<void> {
  await initWorkspace(folder, {
    custody: "locate",
    basis: null,
    custodians: [],
    passphrase: "bench bench bench",
    workFactor: 10,
  })
  const workspace = await openWorkspace(folder)
  const items = Object.assign(entries, { sourceSha256: undefined })
  await importWorkspaceList(workspace, items, { name: "random", trust: "trusted" }, {})
}

/** Yields random PDQ hashes, the same for the same seed. */
export async function* randomHashes(count: number, seed = 0x9e3779b9): AsyncGenerator<ListItem, void, undefined> {
  const random = xorshift(seed)
  const bytes = Buffer.alloc(32)
  for (let line = 1; line <= count; line++) {
    for (let offset = 0; offset < 32; offset += 4) bytes.writeUInt32LE(random(), offset)
    yield { ok: true, line, record: { hashType: "pdq", hash: bytes.toString("hex"), category: "random" } }
  }
}

async function noisyJpeg(seed: number): Promise<Uint8Array> {
  const raw = { width: 96, height: 96, channels: 3 as const }
  const { data } = await sharp(drawPicture(seed), { raw })
    .resize(SIDE, SIDE, { kernel: "cubic" })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const random = xorshift(seed + 1)
  for (let index = 0; index < data.length; index++) {
    data[index] = Math.min(255, Math.max(0, (data[index] ?? 0) + (random() % 13) - 6))
  }
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .jpeg({ quality: 93 })
    .toBuffer()
}

function xorshift(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

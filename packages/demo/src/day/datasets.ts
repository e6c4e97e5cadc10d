/**
 * The datasets of a demonstration: what hosts they were crawled from, and what stands on a list.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type TarMember, writeTar } from "../generated.ts"
import { copyKind, type DatasetPlant, drawPlant, drawUnlisted, type ListName, sampleOf } from "./pictures.ts"

/** A dataset to be made and scanned. */
export interface PlannedDataset {
  readonly name: string
  readonly plants: readonly DatasetPlant[]
  /** Pictures that are on no list. */
  readonly others: number
}

interface Row {
  readonly hosts: number
  readonly list: ListName
  readonly kind: "exact" | "copy"
  /** Distinct pictures of each host. */
  readonly finds: (host: number) => number
  readonly copies?: (host: number) => number
}

/** What the night shift finds when it begins: few hosts, most of them with a picture that is known for sure. */
const FIRST: readonly Row[] = [
  { hosts: 7, list: "known-shapes", kind: "exact", finds: (host) => (host === 0 ? 3 : 1) },
  { hosts: 4, list: "known-shapes", kind: "copy", finds: () => 1 },
  { hosts: 2, list: "partner-shapes", kind: "exact", finds: () => 1 },
  { hosts: 1, list: "demo-cards", kind: "exact", finds: () => 2 },
]

/** What came since. */
const SECOND: readonly Row[] = [
  {
    hosts: 8,
    list: "known-shapes",
    kind: "exact",
    finds: (host) => (host % 3 === 0 ? 3 : 1),
    // One picture that lies in many places.
    copies: (host) => (host === 1 ? 12 : 1),
  },
  { hosts: 8, list: "known-shapes", kind: "copy", finds: (host) => 1 + (host % 2) },
  { hosts: 6, list: "partner-shapes", kind: "exact", finds: () => 1 },
  { hosts: 2, list: "old-shapes", kind: "exact", finds: () => 1 },
  { hosts: 2, list: "demo-cards", kind: "exact", finds: () => 1 },
]

/** Plans both datasets. */
export function planDatasets(nextSeed: () => number): readonly [PlannedDataset, PlannedDataset] {
  return [
    { name: "captioned-2026-01", plants: plantsOf(FIRST, "first", nextSeed), others: 24 },
    { name: "captioned-2026-02", plants: plantsOf(SECOND, "second", nextSeed), others: 72 },
  ]
}

function plantsOf(rows: readonly Row[], word: string, nextSeed: () => number): readonly DatasetPlant[] {
  let number = 0
  return rows.flatMap(({ hosts, list, kind, finds, copies }) =>
    Array.from({ length: hosts }, (_, host) => {
      const name = `${word}-${String(++number).padStart(2, "0")}.pictures.example`
      return Array.from({ length: finds(host) }, (_find, find) => ({
        seed: nextSeed(),
        list,
        host: name,
        copies: copies?.(host) ?? 1,
        kind: kind === "exact" ? ("exact" as const) : copyKind(number + find),
      }))
    }).flat(),
  )
}

/** Draws a dataset and writes its one shard. */
export async function makeShard(folder: string, { plants, others }: PlannedDataset): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const members: TarMember[] = []
  const add = (bytes: Uint8Array, host: string) => {
    members.push(...sampleOf(String(members.length / 3).padStart(6, "0"), bytes, host))
  }
  for (const plant of plants) {
    const bytes = await drawPlant(plant)
    for (let copy = 0; copy < plant.copies; copy++) add(bytes, plant.host)
  }
  for (let other = 0; other < others; other++)
    add(await drawUnlisted(other + plants.length * 1000), "free.pictures.example")
  await writeFile(join(folder, "000000.tar"), writeTar(members))
}

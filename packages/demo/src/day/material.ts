/**
 * Makes the demonstration's hash lists and the scan of a dataset, while the service starts.
 * @module
 */
import { join } from "node:path"
import type { HashRecord, ListItem, Trust } from "@nightlight/core"
import { DAY_MS } from "@nightlight/core"
import { importWorkspaceList, openWorkspace, runScan, type Workspace, writeListHashes } from "@nightlight/dataset"
import { type DatasetPicture, type PlantKind, pictureOf, writeShards } from "../generated/make-dataset.ts"
import { COPY_KINDS } from "../generated/picture.ts"
import { pictureHashes } from "../generated/picture-hashes.ts"
import { snapshotPath } from "./prepare.ts"

/** Hash lists, with their trust and age in days. Automatic filing may trust `known-shapes`. */
export const LISTS = {
  "known-shapes": { trust: "trusted", ageDays: 1, category: "generated-shapes" },
  "partner-shapes": { trust: "unverified", ageDays: 3, category: "partner-shapes" },
  "old-shapes": { trust: "unverified", ageDays: 420, category: "older-shapes" },
  "demo-cards": { trust: "test", ageDays: 1, category: "test-card" },
} as const satisfies Readonly<Record<string, { trust: Trust; ageDays: number; category: string }>>

/** A listed picture planted at a place: a host or an account. */
export interface Plant {
  readonly seed: number
  readonly list: keyof typeof LISTS
  readonly kind: PlantKind
  readonly place: string
}

type Row = readonly [list: keyof typeof LISTS, kind: "exact" | "copy", places: number]

const DATASET: readonly Row[] = [
  ["known-shapes", "exact", 15],
  ["known-shapes", "copy", 12],
  ["partner-shapes", "exact", 8],
  ["old-shapes", "exact", 2],
  ["demo-cards", "exact", 3],
]
const EXCHANGES: readonly Row[] = [
  ["known-shapes", "exact", 8],
  ["known-shapes", "copy", 4],
  ["partner-shapes", "exact", 2],
]
/** Incidents for which the operator names no account: each becomes a case of its own. */
const UNNAMED: readonly Row[] = [
  ["known-shapes", "exact", 2],
  ["known-shapes", "copy", 2],
  ["partner-shapes", "exact", 2],
]

/** Side of a picture, pixels. */
export const SIDE = 320
const UNLISTED_PICTURES = 48
const COPIES_OF_FIRST = 12
const FIRST_LISTED_SEED = 1_500_000_000

/** Parts of the demonstration; each promise resolves when its part is made. */
export interface Material {
  readonly workspace: Workspace
  readonly exchanges: readonly Plant[]
  readonly lists: Promise<void>
  /** Name of the scan. */
  readonly scan: Promise<string>
  /** Resolves when nothing is being made any more, also after a failure. */
  readonly ended: Promise<unknown>
}

/** Starts making the lists and the scan, the lists first. */
export async function startMaterial(dataDir: string, signal: AbortSignal): Promise<Material> {
  const workspace = await openWorkspace(dataDir)
  let seed = FIRST_LISTED_SEED
  const plan = (rows: readonly Row[], placeOf: (place: number) => string) => plantsOf(rows, () => seed++, placeOf)
  const crawled = plan(DATASET, (place) => `site-${place + 1}.pictures.example`)
  const exchanges = [...plan(EXCHANGES, (place) => `user-${1042 + 17 * place}`), ...plan(UNNAMED, () => "")]
  const lists = importLists(workspace, dataDir, [...crawled, ...exchanges], signal)
  const scan = lists.then(async () => {
    const folder = join(dataDir, "demo", "datasets", "captioned-2026-01")
    await writeShards(folder, picturesOf(crawled), { perShard: 1_000, side: SIDE })
    const out = join(dataDir, "demo", "clean", "captioned-2026-01")
    return (await runScan(workspace, { inputs: [folder], out }, {}, signal)).report.scan
  })
  // A failure reaches whoever awaits a part; until then it must not count as an unhandled rejection.
  return { workspace, exchanges, lists, scan, ended: Promise.allSettled([lists, scan]) }
}

/** Plants one picture at each place; three at every third named place with exact copies from `known-shapes`. */
function plantsOf(rows: readonly Row[], nextSeed: () => number, placeOf: (place: number) => string): readonly Plant[] {
  let places = 0
  return rows.flatMap(([list, kind, count]) =>
    Array.from({ length: count }, (_, index) => {
      const place = placeOf(places++)
      const pictures = list === "known-shapes" && kind === "exact" && index % 3 === 0 && place !== "" ? 3 : 1
      return Array.from({ length: pictures }, () => {
        const seed = nextSeed()
        return {
          list,
          place,
          seed,
          kind: kind === "exact" ? kind : (COPY_KINDS[seed % COPY_KINDS.length] ?? "resized"),
        }
      })
    }).flat(),
  )
}

/** Mixes plants with pictures that are on no list. The first plant appears in many places. */
function picturesOf(plants: readonly Plant[]): readonly DatasetPicture[] {
  const [first] = plants
  const copies = first === undefined ? [] : Array.from({ length: COPIES_OF_FIRST - 1 }, () => first)
  const others = Array.from({ length: UNLISTED_PICTURES }, (_, seed) => ({ seed, host: "free.pictures.example" }))
  return [...[...plants, ...copies].map(({ seed, kind, place }) => ({ seed, kind, host: place })), ...others]
}

async function importLists(
  workspace: Workspace,
  dataDir: string,
  plants: readonly Plant[],
  signal: AbortSignal,
): Promise<void> {
  for (const [name, { trust, ageDays, category }] of Object.entries(LISTS)) {
    const records: HashRecord[] = []
    for (const { seed } of plants.filter(({ list }) => list === name)) {
      records.push(...(await pictureHashes(await pictureOf({ seed }, SIDE), category)))
    }
    const asOf = new Date(Date.now() - ageDays * DAY_MS).toISOString().slice(0, 10)
    const choices = { name, trust, asOf, terms: "Made up for the demonstration" }
    await importWorkspaceList(workspace, Object.assign(itemsOf(records), { sourceSha256: undefined }), choices, {
      signal,
    })
  }
  // The custodian's operator does the same for lists that automatic filing trusts.
  await writeListHashes(workspace, "known-shapes", snapshotPath(dataDir, "known-shapes"))
}

async function* itemsOf(records: readonly HashRecord[]): AsyncGenerator<ListItem> {
  for (const [index, record] of records.entries()) yield { ok: true, line: index + 1, record }
}

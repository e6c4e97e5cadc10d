/**
 * The demonstration's hash lists, the scan of a dataset, and the pictures of a chat service's conversations.
 * @module
 */
import { join } from "node:path"
import { DAY_MS, type HashRecord, type ListItem, type Trust } from "@nightlight/core"
import { importWorkspaceList, runScan, type Workspace, writeListHashes } from "@nightlight/dataset"
import { type PlantKind, writeShards } from "../generated/make-dataset.ts"
import { hashesOf } from "../generated/picture-hashes.ts"
import { snapshotPath } from "./prepare.ts"

/** Hash lists, with their trust and age in days. Automatic filing may trust `known-shapes`. */
const LISTS = {
  "known-shapes": { trust: "trusted", ageDays: 1, category: "generated-shapes" },
  "partner-shapes": { trust: "unverified", ageDays: 420, category: "partner-shapes" },
  "demo-cards": { trust: "test", ageDays: 1, category: "test-card" },
} as const satisfies Readonly<Record<string, { trust: Trust; ageDays: number; category: string }>>

/** A listed picture planted at a place: a host or an account. */
export interface PlantedPicture {
  readonly seed: number
  readonly list: keyof typeof LISTS
  readonly kind: PlantKind
  readonly place: string
}

/** Pictures to plant: at each place one, or as many as given. */
type Row = readonly [list: keyof typeof LISTS, kind: PlantKind, places: number, pictures?: number]

const DATASET: readonly Row[] = [
  ["known-shapes", "exact", 5, 3],
  ["known-shapes", "exact", 10],
  ["known-shapes", "resized", 6],
  ["known-shapes", "turned", 6],
  ["partner-shapes", "exact", 10],
  ["demo-cards", "exact", 3],
]
const CHATS: readonly Row[] = [
  ["known-shapes", "exact", 3, 3],
  ["known-shapes", "exact", 6],
  ["known-shapes", "mirrored", 5],
  ["partner-shapes", "exact", 4],
]

/** Side of a picture, pixels. */
export const SIDE = 320
const UNLISTED_PICTURES = 48
const COPIES_OF_FIRST = 12
const FIRST_CRAWLED_SEED = 1_500_000_000
const FIRST_SENT_SEED = 1_600_000_000

const crawled = plan(DATASET, FIRST_CRAWLED_SEED, (place) => `site-${place + 1}.pictures.example`)
/** Pictures of the chat service's conversations. */
export const sent = plan(CHATS, FIRST_SENT_SEED, (place) => `user-${1042 + 17 * place}`)

function plan(rows: readonly Row[], firstSeed: number, placeOf: (place: number) => string): readonly PlantedPicture[] {
  let places = 0
  let seed = firstSeed
  return rows.flatMap(([list, kind, count, pictures = 1]) =>
    Array.from({ length: count }, () => placeOf(places++)).flatMap((place) =>
      Array.from({ length: pictures }, () => ({ list, kind, place, seed: seed++ })),
    ),
  )
}

/** Makes the lists. */
export async function makeLists(workspace: Workspace, signal: AbortSignal): Promise<void> {
  for (const [name, { trust, ageDays, category }] of Object.entries(LISTS)) {
    const seeds = [...crawled, ...sent].filter(({ list }) => list === name).map(({ seed }) => seed)
    const items = Object.assign(itemsOf(await hashesOf(seeds, SIDE, category)), { sourceSha256: undefined })
    const asOf = new Date(Date.now() - ageDays * DAY_MS).toISOString().slice(0, 10)
    const choices = { name, trust, asOf, terms: "Made up for the demonstration" }
    await importWorkspaceList(workspace, items, choices, { signal })
  }
  // The custodian's operator does the same for lists that automatic filing trusts.
  await writeListHashes(workspace, "known-shapes", snapshotPath(workspace.layout.root, "known-shapes"))
}

async function* itemsOf(records: readonly HashRecord[]): AsyncGenerator<ListItem> {
  for (const [index, record] of records.entries()) yield { ok: true, line: index + 1, record }
}

/** Makes and scans a dataset: plants, the first of them in many places, and pictures on no list. Returns the scan's name. */
export async function scanDataset(workspace: Workspace, signal: AbortSignal): Promise<string> {
  const pathOf = (part: string) => join(workspace.layout.root, "demo", part, "captioned-2026-01")
  const folder = pathOf("datasets")
  const copies = Array.from({ length: COPIES_OF_FIRST - 1 }, () => crawled.slice(0, 1)).flat()
  const planted = [...crawled, ...copies].map(({ seed, kind, place }) => ({ seed, kind, host: place }))
  const others = Array.from({ length: UNLISTED_PICTURES }, (_, seed) => ({ seed, host: "free.pictures.example" }))
  await writeShards(folder, [...planted, ...others], { perShard: 1_000, side: SIDE })
  return (await runScan(workspace, { inputs: [folder], out: pathOf("clean") }, {}, signal)).report.scan
}

/**
 * The hash lists of a demonstration: seeded random hashes, and those of the pictures that are planted.
 * @module
 */
import { createHash } from "node:crypto"
import type { HashRecord, ListItem, ListSource, Trust } from "@nightlight/core"
import { importWorkspaceList, type Workspace } from "@nightlight/dataset"
import { pictureHashes } from "../generated.ts"
import { drawPlant, type ListName, type Plant } from "./pictures.ts"

interface DemoList {
  readonly name: ListName
  readonly trust: Trust
  /** How old the source says that it is, days. */
  readonly ageDays: number
  readonly terms: string
  /** Entries that match nothing. */
  readonly padding: number
}

const LISTS: readonly DemoList[] = [
  { name: "known-shapes", trust: "trusted", ageDays: 1, terms: "Screening and reporting", padding: 2_000 },
  { name: "partner-shapes", trust: "lead", ageDays: 3, terms: "Screening; every match is looked at", padding: 800 },
  { name: "old-shapes", trust: "lead", ageDays: 420, terms: "Screening; every match is looked at", padding: 300 },
  { name: "demo-cards", trust: "test", ageDays: 1, terms: "Test cards of the demonstration", padding: 0 },
]

const DAY_MS = 86_400_000

/** Imports every list; the last one brings the index up to date with all of them. */
export async function importDemoLists(
  workspace: Workspace,
  plants: readonly Plant[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, trust, ageDays, terms, padding } of LISTS) {
    const listed = new Map(plants.filter(({ list }) => list === name).map((plant) => [plant.seed, plant]))
    const records: HashRecord[] = [...padded(name, padding)]
    for (const { seed } of listed.values()) {
      records.push(...(await pictureHashes(await drawPlant({ seed, kind: "exact" }), CATEGORIES[name])))
    }
    const asOf = new Date(Date.now() - ageDays * DAY_MS).toISOString().slice(0, 10)
    await importWorkspaceList(workspace, sourceOf(records), { name, trust, asOf, terms }, { signal })
  }
}

const CATEGORIES: Readonly<Record<ListName, string>> = {
  "known-shapes": "generated-shapes",
  "partner-shapes": "partner-shapes",
  "old-shapes": "older-shapes",
  "demo-cards": "test-card",
}

function padded(name: string, count: number): readonly HashRecord[] {
  return Array.from({ length: count }, (_, entry) => ({
    hashType: entry % 2 === 0 ? ("sha256" as const) : ("pdq" as const),
    hash: createHash("sha256").update(`${name} ${entry}`).digest("hex"),
    category: "generated-shapes",
  }))
}

function sourceOf(records: readonly HashRecord[]): ListSource {
  return {
    sourceSha256: undefined,
    async *[Symbol.asyncIterator](): AsyncGenerator<ListItem> {
      for (const [at, record] of records.entries()) yield { ok: true, line: at + 1, record }
    },
  }
}

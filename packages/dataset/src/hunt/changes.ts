/**
 * New and withdrawn list entries since a scan.
 * @module
 */
import type { ShardReceipt } from "@nightlight/contract"
import { RequestError } from "@nightlight/core"
import {
  diffSnapshots,
  type ListInfo,
  type NewEntry,
  type OpenSnapshot,
  openSnapshot,
  type SnapshotChange,
} from "@nightlight/screening"
import type { Workspace } from "../workspace/workspace.ts"

/** Versions of lists, by name. */
export type ListVersions = Readonly<Record<string, number>>

/** New entries of all lists, and withdrawn ones. */
export interface ListChanges {
  readonly added: readonly NewEntry[]
  /** Number of new addresses: no address is stored, so a hunt cannot look for them. */
  readonly addresses: number
  /** Ordinals of withdrawn entries, by `list version` of the snapshot that contained them. */
  readonly withdrawn: ReadonlyMap<string, ReadonlySet<number>>
}

/** Names a snapshot of a list in {@link ListChanges.withdrawn}. */
export function snapshotKey(list: string, version: number): string {
  return `${list} ${version}`
}

/** Returns the list versions that a scan's shards were screened against: of several, the oldest. */
export function versionsOf(receipts: readonly ShardReceipt[]): ListVersions {
  const versions: Record<string, number> = {}
  const everywhere = receipts.map(({ lists }) => new Map(lists.map(({ name, snapshot }) => [name, snapshot])))
  for (const name of new Set(everywhere.flatMap((lists) => [...lists.keys()]))) {
    // A list that one shard was not screened against is wholly new to the scan.
    versions[name] = Math.min(...everywhere.map((lists) => lists.get(name) ?? 0))
  }
  return versions
}

/** The list versions up to which a scan was screened and hunted. */
export interface HuntScope {
  /** Versions of its screening; its findings refer to them. */
  readonly screened: ListVersions
  /** Versions of its screening or latest hunt. */
  readonly hunted: ListVersions
}

/**
 * Compares the lists in the index with the given versions: entries are new since the last hunt, withdrawn since the
 * screening. A list that is not among them, or whose old version is gone, is new with all its entries.
 *
 * @throws {IntegrityError} `snapshot_untrusted`.
 */
export async function listChanges(
  workspace: Workspace,
  { screened, hunted }: HuntScope,
  now: readonly ListInfo[],
): Promise<ListChanges> {
  const added: NewEntry[] = []
  let addresses = 0
  const withdrawn = new Map<string, ReadonlySet<number>>()
  for (const { name, snapshot: version, radiusBits } of now) {
    const from = hunted[name] ?? 0
    if (from < version) {
      await eachChange(workspace, { name, from, to: version }, ({ change, entry, hash, hashType }) => {
        if (change !== "added") return
        if (hashType === "url") addresses++
        else added.push({ list: name, entry, hash, hashType, radiusBits })
      })
    }
    // Findings name entries by their ordinals in the scan's own snapshot, whatever was hunted for since.
    const first = screened[name] ?? 0
    if (first === 0 || first >= version) continue
    const gone = new Set<number>()
    await eachChange(workspace, { name, from: first, to: version }, ({ change, entry }) => {
      if (change === "withdrawn") gone.add(entry)
    })
    if (gone.size > 0) withdrawn.set(snapshotKey(name, first), gone)
  }
  return { added, addresses, withdrawn }
}

async function eachChange(
  workspace: Workspace,
  { name, from, to }: { readonly name: string; readonly from: number; readonly to: number },
  take: (change: SnapshotChange) => void,
): Promise<void> {
  const { lists } = workspace.layout
  await using older = from === 0 ? undefined : await openIfThere(workspace, name, from)
  await using newer = await openSnapshot({ listsDir: lists, name, version: to }, workspace.verifier)
  for (const change of diffSnapshots(older, newer)) take(change)
}

async function openIfThere(workspace: Workspace, name: string, version: number): Promise<OpenSnapshot | undefined> {
  try {
    return await openSnapshot({ listsDir: workspace.layout.lists, name, version }, workspace.verifier)
  } catch (error) {
    if (error instanceof RequestError && error.code === "list_unknown") return undefined
    throw error
  }
}

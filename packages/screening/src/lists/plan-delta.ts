import { statSync } from "node:fs"
import { join } from "node:path"
import type { FileDigest } from "@nightlight/durable"
import { INDEX_FILES, type IndexDocument } from "./index-document.ts"
import { totalOf } from "./record-layout.ts"
import type { Snapshot } from "./snapshot.ts"
import { versionFolder } from "./versions.ts"

/** A base with this many entries is reused with a delta; fewer are indexed in a fraction of a second. */
export const DELTA_FROM_ENTRIES = 250_000

/** Largest size of a delta as a share of its base's entries; beyond it the whole index is built. */
const DELTA_SHARE = 1 / 8

/** Which lists an index takes over with the previous index's base, and which go into its delta. */
export interface DeltaPlan {
  readonly base: readonly Snapshot[]
  readonly delta: readonly Snapshot[]
}

/**
 * Plans an index as a delta over the previous index's base.
 *
 * @param deltaFromEntries - entries that the base must have.
 * @returns `undefined` where the whole index must be built: a list of the base changed or is gone, the base's files are
 * missing, or the changed lists are too large.
 */
export function planDelta(
  indexDir: string,
  previous: IndexDocument,
  snapshots: readonly Snapshot[],
  deltaFromEntries: number,
): DeltaPlan | undefined {
  const changed = new Set(previous.delta?.lists)
  const versions = new Map(
    previous.lists.filter(({ name }) => !changed.has(name)).map(({ name, snapshot }) => [name, snapshot]),
  )
  const base = snapshots.filter(({ name, version }) => versions.get(name) === version)
  const delta = snapshots.filter(({ name }) => !versions.has(name))
  const baseEntries = entriesOf(base)
  const folder = versionFolder(indexDir, previous.version)
  const worth =
    base.length === versions.size &&
    baseEntries >= deltaFromEntries &&
    entriesOf(delta) <= baseEntries * DELTA_SHARE &&
    hasSize(join(folder, INDEX_FILES.pdq), previous.files.pdq) &&
    hasSize(join(folder, INDEX_FILES.digests), previous.files.digests)
  return worth ? { base, delta } : undefined
}

function entriesOf(snapshots: readonly Snapshot[]): number {
  return snapshots.reduce((sum, { counts }) => sum + totalOf(counts), 0)
}

function hasSize(path: string, { sizeBytes }: FileDigest): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === sizeBytes
}

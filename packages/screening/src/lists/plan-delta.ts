import { statSync } from "node:fs"
import { join } from "node:path"
import type { FileDigest } from "@nightlight/durable"
import { type DocumentedSegment, INDEX_FILES, type IndexDocument, segmentKey, segmentsOf } from "./index-document.ts"
import { totalOf } from "./record-layout.ts"
import { versionFolder } from "./versions.ts"

/** A base with this many entries is reused with a delta; fewer are indexed in a fraction of a second. */
export const DELTA_FROM_ENTRIES = 250_000

/** Largest size of a delta as a share of its base's entries; beyond it the whole index is built. */
const DELTA_SHARE = 1 / 8

/** Which segments an index takes over with the previous index's base, and which go into its delta. */
export interface DeltaPlan {
  readonly base: readonly DocumentedSegment[]
  readonly delta: readonly DocumentedSegment[]
}

/**
 * Plans an index as a delta over the previous index's base.
 *
 * @param deltaFromEntries - entries that the base must have.
 * @returns `undefined` where the whole index must be built: a segment of the base is gone, the base's files are missing,
 * or the new segments are too large.
 */
export function planDelta(
  indexDir: string,
  previous: IndexDocument,
  segments: readonly DocumentedSegment[],
  deltaFromEntries: number,
): DeltaPlan | undefined {
  const changed = new Set(previous.delta?.segments)
  const before = new Set(
    segmentsOf(previous.lists)
      .map(segmentKey)
      .filter((key) => !changed.has(key)),
  )
  const base = segments.filter((segment) => before.has(segmentKey(segment)))
  const delta = segments.filter((segment) => !before.has(segmentKey(segment)))
  const baseEntries = entriesOf(base)
  const folder = versionFolder(indexDir, previous.version)
  const worth =
    base.length === before.size &&
    baseEntries >= deltaFromEntries &&
    entriesOf(delta) <= baseEntries * DELTA_SHARE &&
    hasSize(join(folder, INDEX_FILES.pdq), previous.files.pdq) &&
    hasSize(join(folder, INDEX_FILES.digests), previous.files.digests)
  return worth ? { base, delta } : undefined
}

function entriesOf(segments: readonly DocumentedSegment[]): number {
  return segments.reduce((sum, { counts }) => sum + totalOf(counts), 0)
}

function hasSize(path: string, { sizeBytes }: Pick<FileDigest, "sizeBytes">): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === sizeBytes
}

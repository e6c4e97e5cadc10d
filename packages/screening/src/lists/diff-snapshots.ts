import type { HashType } from "@nightlight/core"
import type { OpenSnapshot } from "./open-snapshot.ts"
import { RecordCursor } from "./record-cursor.ts"
import { compareRecords } from "./record-layout.ts"

/** A hash that is in only one of two snapshots. */
export interface SnapshotChange {
  /** `added`: only in the newer one; `withdrawn`: only in the older one. */
  readonly change: "added" | "withdrawn"
  readonly hashType: HashType
  /** Bytes of the type's length; owned by the caller. */
  readonly hash: Uint8Array
  /**
   * Ordinal of its entry in that snapshot; a hash with several categories has one entry for each, and each is yielded.
   */
  readonly entry: number
}

/**
 * Compares two snapshots of a list by type and hash, reading each once, in order. A new category or id of an existing
 * hash is not a change.
 *
 * @param older - absent where there was none: every entry is then added.
 * @returns changes ascending by type and hash.
 * @throws {IntegrityError} `snapshot_untrusted` when a file can no longer be read.
 */
export function* diffSnapshots(
  older: OpenSnapshot | undefined,
  newer: OpenSnapshot,
): Generator<SnapshotChange, void, undefined> {
  const known = older?.entries.segments ?? []
  if (isBeginningOf(older, newer)) {
    // What both have is not read: each new hash is looked up in it.
    for (const change of changesIn(new RecordCursor(newer.entries.segments.slice(known.length)), "added")) {
      if (!known.some(({ entries }) => entries.find(change.hashType, change.hash).length > 0)) yield change
    }
    return
  }
  const before = new RecordCursor(known)
  const after = new RecordCursor(newer.entries.segments)
  while (before.more || after.more) {
    const order = !before.more ? 1 : !after.more ? -1 : compareRecords(before.bytes, before.at, after.bytes, after.at)
    if (order < 0) yield* groupOf(before, "withdrawn")
    else if (order > 0) yield* groupOf(after, "added")
    else {
      before.skipHash()
      after.skipHash()
    }
  }
}

/** Whether entries were only added since the older snapshot, which then has the newer one's first segments. */
function isBeginningOf(older: OpenSnapshot | undefined, newer: OpenSnapshot): boolean {
  const segments = older?.snapshot.segments ?? []
  return segments.every(({ version }, position) => newer.snapshot.segments[position]?.version === version)
}

function* changesIn(
  cursor: RecordCursor,
  change: SnapshotChange["change"],
): Generator<SnapshotChange, void, undefined> {
  while (cursor.more) yield* groupOf(cursor, change)
}

/** Yields the records with the current hash and moves past them. */
function* groupOf(cursor: RecordCursor, change: SnapshotChange["change"]): Generator<SnapshotChange, void, undefined> {
  for (const { hashType, hash, ordinal } of cursor.takeHash()) yield { change, hashType, hash, entry: ordinal }
}

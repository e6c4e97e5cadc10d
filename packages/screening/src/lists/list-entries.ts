/**
 * The entries of one snapshot, over all of its segments.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import { type Counts, totalOf } from "./record-layout.ts"
import type { Entry, SegmentEntries } from "./segment-entries.ts"

/** A segment of a list. */
export interface ListSegment {
  readonly entries: SegmentEntries
  /** Ordinal in the list of its first entry. */
  readonly first: number
}

/** The entries of a list: the first segment's, then the next one's. Sorted within each segment. */
export class ListEntries {
  readonly counts: Counts
  readonly total: number
  readonly segments: readonly ListSegment[]

  /** @param segments - In the order of the snapshot's document. */
  constructor(counts: Counts, segments: readonly SegmentEntries[]) {
    this.counts = counts
    this.total = totalOf(counts)
    let first = 0
    this.segments = segments.map((entries) => {
      const segment = { entries, first }
      first += entries.total
      return segment
    })
  }

  /** Reads one entry. @throws {IntegrityError} when there is none, or a file changed. */
  entryAt(ordinal: number): Entry {
    const { entries, first } = segmentOf(this.segments, ordinal)
    return entries.entryAt(ordinal - first)
  }

  /** Closes the files; nothing can be read afterwards. */
  async close(): Promise<void> {
    await Promise.all(this.segments.map(({ entries }) => entries.close()))
  }
}

/** The segment that holds an entry. @throws {IntegrityError} `snapshot_untrusted` where none does. */
export function segmentOf<Segment extends ListSegment>(segments: readonly Segment[], ordinal: number): Segment {
  const segment = segments.findLast(({ first }) => first <= ordinal)
  if (segment === undefined) throw new IntegrityError("snapshot_untrusted", "expected an entry of the list")
  return segment
}

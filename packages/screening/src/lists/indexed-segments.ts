import type { ListInfo } from "../ports.ts"
import { type DocumentedList, type DocumentedSegment, toListInfo } from "./index-document.ts"
import type { IndexedSegment } from "./loaded-index.ts"
import type { SegmentEntries } from "./segment-entries.ts"

/** Joins documented segments with their open entries; the segments of a list share its description. */
export function toIndexed(
  segments: readonly DocumentedSegment[],
  opened: readonly SegmentEntries[],
): readonly IndexedSegment[] {
  const infos = new Map<DocumentedList, ListInfo>()
  return segments.flatMap(({ list, first }, position) => {
    const info = infos.get(list) ?? toListInfo(list)
    infos.set(list, info)
    const entries = opened[position]
    return entries === undefined ? [] : [{ info, entries, first }]
  })
}

import type { Verifier } from "@nightlight/core"
import { ListEntries } from "./list-entries.ts"
import { openAll } from "./open-all.ts"
import { SegmentEntries } from "./segment-entries.ts"
import { listFolder, type Snapshot, type SnapshotPlace, showList } from "./snapshot.ts"
import { versionFolder } from "./versions.ts"

/** An open snapshot with its entries. */
export interface OpenSnapshot extends AsyncDisposable {
  readonly snapshot: Snapshot
  readonly entries: ListEntries
}

/**
 * Opens a list's snapshot after checking its signature and every byte of its files, which stay open until it is
 * disposed of.
 *
 * @throws {RequestError} `list_unknown`, `input_invalid`.
 * @throws {IntegrityError} `snapshot_untrusted`.
 */
export async function openSnapshot(place: SnapshotPlace, verifier: Verifier): Promise<OpenSnapshot> {
  const snapshot = await showList(place, verifier)
  const listName = `list ${snapshot.name}, version ${snapshot.version}`
  const folderOf = (version: number) => versionFolder(listFolder(place.listsDir, snapshot.name), version)
  const opened = await openAll(
    snapshot.segments.map(
      ({ version, counts, files }) =>
        () =>
          SegmentEntries.open({ folder: folderOf(version), counts, files, code: "snapshot_untrusted", listName }),
    ),
  )
  const entries = new ListEntries(snapshot.counts, opened)
  return { snapshot, entries, [Symbol.asyncDispose]: () => entries.close() }
}

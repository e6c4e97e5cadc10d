import type { Verifier } from "@nightlight/core"
import { ListEntries } from "./list-entries.ts"
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
  const entries = await ListEntries.open({
    folder: versionFolder(listFolder(place.listsDir, snapshot.name), snapshot.version),
    counts: snapshot.counts,
    files: snapshot.files,
    code: "snapshot_untrusted",
    listName: `list ${snapshot.name}, version ${snapshot.version}`,
  })
  return { snapshot, entries, [Symbol.asyncDispose]: () => entries.close() }
}

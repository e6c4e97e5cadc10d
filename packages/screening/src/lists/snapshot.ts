/**
 * One version of a list: a folder with a record file, an id file, the categories, and this signed document. Where entries
 * were only added, the folder has the new ones, and the document names the older folders that have the rest.
 * @module
 */
import { join } from "node:path"
import { IntegrityError, RequestError, type Trust, type Verifier } from "@nightlight/core"
import type { FileDigest } from "@nightlight/durable"
import { assertListName, isListName } from "./list-name.ts"
import type { Counts } from "./record-layout.ts"
import { readSigned } from "./signed-document.ts"
import { namesIn, versionFolder, versionsIn } from "./versions.ts"

/** The files of a snapshot beside its signed document. */
export const SNAPSHOT_FILES = { records: "records.bin", ids: "ids.bin", categories: "categories.json" } as const

/** Name and version of the signed document's format. */
export const SNAPSHOT_FORMAT = "nightlight-list-snapshot/3"

/** Name of the signed document. */
export const SNAPSHOT_DOCUMENT = "snapshot.json"

/** Facts about the whole list, and digests of its files. */
export interface Snapshot {
  readonly format: typeof SNAPSHOT_FORMAT
  readonly name: string
  /** From 1, rising with every change of the list, also after its removal. */
  readonly version: number
  /** ISO 8601 time of the import. */
  readonly importedAt: string
  readonly trust: Trust
  readonly radiusBits: number
  readonly asOf?: string
  readonly terms?: string
  /** Over all segments. */
  readonly counts: Counts
  /** Records left out as duplicates by type, hash and category. */
  readonly duplicates: number
  /** Lines or elements that could not be read as records. */
  readonly badCount: number
  /** Lower-case hexadecimal SHA-256 of the file it came from, where it came from one. */
  readonly sourceSha256?: string
  /** The first holds the list as it was imported, the others what was added since; at least one. */
  readonly segments: readonly Segment[]
}

/** Entries that were written together. They are in no other segment of the list. */
export interface Segment {
  /** Version of the list that wrote them, whose folder has the files. */
  readonly version: number
  readonly counts: Counts
  readonly files: Readonly<Record<keyof typeof SNAPSHOT_FILES, FileDigest>>
}

/** Folder of a list's versions. */
export function listFolder(listsDir: string, name: string): string {
  return join(listsDir, name)
}

/** Names of the lists that have a version, in order. */
export function listNames(listsDir: string): string[] {
  return namesIn(listsDir)
    .filter((name) => isListName(name) && versionsIn(listFolder(listsDir, name)).length > 0)
    .sort()
}

/**
 * Reads the newest snapshot of every list, in the order of their names.
 *
 * @throws {IntegrityError} `snapshot_untrusted` if a snapshot's document is missing, altered or signed by another key.
 */
export async function listSnapshots(listsDir: string, verifier: Verifier): Promise<readonly Snapshot[]> {
  return Promise.all(listNames(listsDir).map((name) => showList({ listsDir, name }, verifier)))
}

/** Folder, list and version of a snapshot. */
export interface SnapshotPlace {
  readonly listsDir: string
  readonly name: string
  /** The newest where absent. */
  readonly version?: number
}

/**
 * Reads the signed document of a list's snapshot; its files are checked when they are opened.
 *
 * @throws {RequestError} `list_unknown` if there is no such list or version; `input_invalid` for an invalid name.
 * @throws {IntegrityError} `snapshot_untrusted`.
 */
export async function showList({ listsDir, name, version }: SnapshotPlace, verifier: Verifier): Promise<Snapshot> {
  assertListName(name)
  const versions = versionsIn(listFolder(listsDir, name))
  const chosen = version ?? versions.at(-1)
  if (chosen === undefined || !versions.includes(chosen)) {
    throw new RequestError(
      "list_unknown",
      version === undefined ? `no list ${name}` : `no version ${version} of ${name}`,
    )
  }
  return readSnapshot(versionFolder(listFolder(listsDir, name), chosen), { name, version: chosen }, verifier)
}

async function readSnapshot(
  folder: string,
  { name, version }: { name: string; version: number },
  verifier: Verifier,
): Promise<Snapshot> {
  const what = `list ${name}, version ${version}`
  const trust = { verifier, code: "snapshot_untrusted", what } as const
  const snapshot = await readSigned<Snapshot>(join(folder, SNAPSHOT_DOCUMENT), SNAPSHOT_FORMAT, trust)
  // A valid document of another list or version must not stand in for this one.
  if (snapshot.name === name && snapshot.version === version) return snapshot
  throw new IntegrityError("snapshot_untrusted", `${what}: its signed document belongs to another list or version`)
}

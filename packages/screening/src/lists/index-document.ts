import { join } from "node:path"
import { compact, IntegrityError, type Verifier } from "@nightlight/core"
import type { FileDigest } from "@nightlight/durable"
import type { ListInfo } from "../ports.ts"
import { isListName } from "./list-name.ts"
import { readSigned } from "./signed-document.ts"
import type { Snapshot } from "./snapshot.ts"
import { versionFolder } from "./versions.ts"

/** Files of an index beside the folder `lists`, which holds each list's files under its name. */
export const INDEX_FILES = { pdq: "pdq.image", digests: "digests.bin" } as const

/** Files of the index's delta. */
export const DELTA_FILES = { pdq: "delta.image", digests: "delta-digests.bin" } as const

/** Name and version of the signed document's format. */
export const INDEX_FORMAT = "nightlight-list-index/1"

/** Name of the signed document. */
export const INDEX_DOCUMENT = "index.json"

/** A list in the index's document. */
export interface DocumentedList extends ListInfo {
  readonly files: Snapshot["files"]
}

/** The files of a part of an index. */
export type PartFiles = Readonly<Record<keyof typeof INDEX_FILES, FileDigest>>

/** The document of an index: its lists in the order of their names, and the digests of every file. */
export interface IndexDocument {
  readonly format: typeof INDEX_FORMAT
  /** From 1, rising with every change of any list. */
  readonly version: number
  /** ISO 8601. */
  readonly builtAt: string
  readonly lists: readonly DocumentedList[]
  /** Files over all lists except those of the delta. */
  readonly files: PartFiles
  /** Names of the lists that changed since those files were made, and files over these lists. */
  readonly delta?: { readonly lists: readonly string[]; readonly files: PartFiles }
}

/** Folder of a list's files within an index's folder. */
export function indexedListFolder(folder: string, name: string): string {
  return join(folder, "lists", name)
}

/**
 * Reads an index's document.
 *
 * @throws {IntegrityError} `index_untrusted`.
 */
export async function readIndexDocument(indexDir: string, version: number, verifier: Verifier): Promise<IndexDocument> {
  const what = `index version ${version}`
  const path = join(versionFolder(indexDir, version), INDEX_DOCUMENT)
  const trust = { verifier, code: "index_untrusted", what } as const
  const document = await readSigned<IndexDocument>(path, INDEX_FORMAT, trust)
  if (document.version === version && document.lists.every(({ name }) => isListName(name))) return document
  throw new IntegrityError("index_untrusted", `${what}: its signed document belongs to another version`)
}

/** A list as users of the index see it. */
export function toListInfo({ files: _files, ...info }: DocumentedList): ListInfo {
  return info
}

/** A snapshot as the index's document describes it. */
export function toDocumentedList(snapshot: Snapshot): DocumentedList {
  const { name, version, trust, radiusBits, asOf, terms, counts, files } = snapshot
  return compact({
    name,
    trust,
    radiusBits,
    snapshot: version,
    asOf,
    terms,
    counts,
    files,
  })
}

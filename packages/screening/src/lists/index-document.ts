import { join } from "node:path"
import { compact, IntegrityError, type Verifier } from "@nightlight/core"
import type { FileDigest } from "@nightlight/durable"
import type { ImageDigest } from "@nightlight/pdq"
import type { ListInfo } from "../ports.ts"
import { isListName } from "./list-name.ts"
import { totalOf } from "./record-layout.ts"
import { readSigned } from "./signed-document.ts"
import type { Segment, Snapshot } from "./snapshot.ts"
import { versionFolder } from "./versions.ts"

/** Files of an index beside the folder `lists`, which holds each segment's files under its list's name and its version. */
export const INDEX_FILES = { pdq: "pdq.image", digests: "digests.bin" } as const

/** Files of the index's delta. */
export const DELTA_FILES = { pdq: "delta.image", digests: "delta-digests.bin" } as const

/** Name and version of the signed document's format. */
export const INDEX_FORMAT = "nightlight-list-index/4"

/** Name of the signed document. */
export const INDEX_DOCUMENT = "index.json"

/** A list in the index's document. */
export interface DocumentedList extends ListInfo {
  readonly segments: readonly Segment[]
}

/** A segment of a list in an index. */
export interface DocumentedSegment extends Segment {
  readonly list: DocumentedList
  /** Ordinal in the list of its first entry. */
  readonly first: number
}

/** Names a segment in {@link IndexDocument.delta}. */
export function segmentKey({ list, version }: Pick<DocumentedSegment, "list" | "version">): string {
  return `${list.name} ${version}`
}

/** The segments of lists, in their order. */
export function segmentsOf(lists: readonly DocumentedList[]): readonly DocumentedSegment[] {
  return lists.flatMap((list) => {
    let first = 0
    return list.segments.map((segment) => {
      const documented = { ...segment, list, first }
      first += totalOf(segment.counts)
      return documented
    })
  })
}

/** The files of a part of an index. */
export interface PartFiles {
  readonly pdq: ImageDigest
  readonly digests: FileDigest
}

/** The document of an index: its lists in the order of their names, and the digests of every file. */
export interface IndexDocument {
  readonly format: typeof INDEX_FORMAT
  /** From 1, rising with every change of any list. */
  readonly version: number
  /** ISO 8601. */
  readonly builtAt: string
  readonly lists: readonly DocumentedList[]
  /** Files over all segments except those of the delta. */
  readonly files: PartFiles
  /** The segments written since those files were made ({@link segmentKey}), and files over these segments. */
  readonly delta?: { readonly segments: readonly string[]; readonly files: PartFiles }
}

/** Folder of a segment's files within an index's folder. */
export function indexedSegmentFolder(
  folder: string,
  { list, version }: Pick<DocumentedSegment, "list" | "version">,
): string {
  return join(folder, "lists", list.name, String(version))
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
export function toListInfo({ segments: _segments, ...info }: DocumentedList): ListInfo {
  return info
}

/** A snapshot as the index's document describes it. */
export function toDocumentedList(snapshot: Snapshot): DocumentedList {
  const { name, version, trust, radiusBits, asOf, terms, counts, segments } = snapshot
  return compact({
    name,
    trust,
    radiusBits,
    snapshot: version,
    asOf,
    terms,
    counts,
    segments,
  })
}

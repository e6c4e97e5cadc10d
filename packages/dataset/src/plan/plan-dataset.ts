/**
 * Plans what to read, cut into shards.
 * @module
 */

import { createHash } from "node:crypto"
import { compact, compileGlobs } from "@nightlight/core"
import { containerOf, mayDescribe, PLAIN_FILES, type ShardKind, shardName } from "../containers/index.ts"
import { isShardStats } from "../containers/tables/shard-stats.ts"
import { describedFolder, tableKind } from "../containers/tables/table-kind.ts"
import type { ListedFile, ShardListing } from "../readers/listing.ts"
import { describesMedia } from "../readers/stem-groups.ts"
import { findSource } from "../stores/find-source.ts"
import { Chunker } from "./chunks.ts"
import { FolderIndex } from "./folder-index.ts"
import { followDocuments, type ShardDraft } from "./follow-documents.ts"
import { digestListing } from "./listing-digest.ts"
import { readShardKeys } from "./shard-keys.ts"
import { sidecarNames } from "./shard-sidecars.ts"
import {
  type DatasetPlan,
  LISTING,
  type PlanOptions,
  type ShardPlan,
  type SkippedEntry,
  type StrayCode,
} from "./types.ts"
import { type Found, pathText } from "./walk.ts"

const FILES_PER_SHARD = 512

/** Digits of a shard's id: no two of a billion shards are expected to share one. */
const ID_DIGITS = 16
/** Digits of a loose shard's label. */
const LABEL_DIGITS = 12

/**
 * Plans a dataset: a file that a packed container recognises is a shard, all other files are gathered in shards of kind
 * `files`. The same dataset gives the same plan. Only names, sizes, times and first bytes are read.
 *
 * @param inputs - Folders, files and brace lists such as `name-{000000..000123}.tar`, as typed; or addresses such as
 *   `s3://bucket/prefix`.
 * @throws {RequestError} `input_invalid` for `pipe:`, other URLs, globs that are none, and malformed or oversized brace
 * lists; `not_found`.
 */
export async function planDataset(
  inputs: readonly string[],
  options: PlanOptions,
  signal: AbortSignal,
): Promise<DatasetPlan> {
  const isExcluded = compileGlobs(options.excludePaths ?? [])
  const source = await findSource(inputs, { ...options, isExcluded }, signal)
  const draft = new Draft(options.filesPerShard ?? FILES_PER_SHARD)
  for await (const found of source.walk(signal)) draft.addFolder(found)
  for (const path of source.missing) draft.addStray("missing", path)
  const { strays, skipped } = draft
  const { root, commit, store, sources, readRoots } = source
  const shards = draft.shards({ root, store, sources })
  return compact({ root, commit, store, sources, readRoots, shards, strays, skipped })
}

interface FoundShard {
  readonly kind: ShardKind
  readonly file: ListedFile
  readonly namesFiles?: true
}

/** The files of one folder that look like shards, but describe a picture or a shard beside them, or are tables. */
function findDescribing(
  shards: readonly FoundShard[],
  plain: ReadonlyMap<string, ListedFile>,
  isTable: (path: string) => boolean,
): ReadonlySet<FoundShard> {
  const doubtful = shards.filter(({ kind }) => mayDescribe(kind))
  if (doubtful.length === 0) return new Set()
  const sidecars = new Set(
    shards.filter(({ kind }) => !mayDescribe(kind)).flatMap(({ file }) => sidecarPaths(pathText(file.path))),
  )
  const isOfMedia = describesMedia(plain.keys())
  return new Set(
    doubtful.filter(({ file }) => {
      const path = pathText(file.path)
      return sidecars.has(path) || isTable(path) || isOfMedia(path)
    }),
  )
}

interface ArchiveDraft extends FoundShard {
  readonly sidecars: readonly ListedFile[]
}

/** A plan under construction. */
class Draft {
  readonly strays: SkippedEntry[] = []
  readonly skipped: Partial<Record<StrayCode, number>> = {}
  readonly #archives: ArchiveDraft[] = []
  readonly #chunks: Chunker
  readonly #tables: Chunker
  readonly #rowTables: FoundShard[] = []

  constructor(filesPerShard: number) {
    this.#chunks = new Chunker(filesPerShard)
    this.#tables = new Chunker(filesPerShard)
  }

  addFolder(found: readonly Found[]): void {
    const plain = new Map<string, ListedFile>()
    const folders = new Set<string>()
    const shards: FoundShard[] = []
    for (const one of found) {
      if (one.kind === "stray") this.addStray(one.code, pathText(one.path))
      else if (one.kind === "folder") folders.add(pathText(one.path))
      else if (one.shard === undefined) plain.set(pathText(one.file.path), one.file)
      else shards.push(compact({ kind: one.shard, file: one.file, namesFiles: one.namesFiles }))
    }
    // The counts of a table's rows can only be told once the table is written.
    const tables = new Set(shards.flatMap(({ kind, file }) => (kind === "parquet" ? [pathText(file.path)] : [])))
    const hasTable = (path: string) => isShardStats(path) && tables.has(`${describedFolder(path)}.parquet`)
    const isTable = (path: string) => hasTable(path) || tableKind(path, (folder) => folders.has(folder)) !== undefined
    const describing = findDescribing(shards, plain, isTable)
    for (const found of describing) {
      // A table whose rows can be read loses those of what is withheld.
      if (found.kind === "parquet") this.#rowTables.push(found)
      else plain.set(pathText(found.file.path), found.file)
    }
    for (const shard of shards) {
      if (!describing.has(shard)) this.#archives.push({ ...shard, sidecars: takeSidecars(shard.file, plain, hasTable) })
    }
    const inOrder =
      describing.size === 0 ? [...plain] : [...plain].sort(([, a], [, b]) => Buffer.compare(a.path, b.path))
    this.#tables.addFolder(inOrder.flatMap(([path, file]) => (isTable(path) ? [file] : [])))
    this.#chunks.addFolder(inOrder.flatMap(([path, file]) => (isTable(path) ? [] : [file])))
  }

  addStray(code: StrayCode, place: string): void {
    this.strays.push({ code, place })
    this.skipped[code] = (this.skipped[code] ?? 0) + 1
  }

  shards(common: Pick<ShardListing, "root" | "store" | "sources">): readonly ShardPlan[] {
    const chunks = this.#chunks.finish()
    const tables = this.#tables.finish()
    let index: FolderIndex | undefined
    const across = {
      filesBelow(folder: Buffer) {
        index ??= new FolderIndex(chunks.flat())
        return index.below(folder)
      },
      tables: () => [
        ...tables.flat(),
        ...this.#archives.flatMap(({ file, namesFiles }) => (namesFiles ? [file] : [])),
        ...this.#rowTables.map(({ file }) => file),
      ],
      rowsAbout: (stem: string) => rowTables.get(stem),
      tableAt: (stem: string) => {
        const archive = byStem.get(stem)
        return rowTables.get(stem) ?? (archive?.kind === "parquet" ? archive.file : undefined)
      },
    }
    const archives = this.#archives.map(({ kind, file, sidecars, namesFiles }) =>
      compact({ kind, files: [file], sidecars, last: namesFiles }),
    )
    const followed = followDocuments(archives)
    const byStem = new Map(this.#archives.map((archive) => [shardName(pathText(archive.file.path)).stem, archive]))
    const rowTables = new Map(
      this.#rowTables.map(({ file }) => [describedFolder(pathText(file.path)) ?? pathText(file.path), file]),
    )
    const parts: ShardDraft[] = [
      ...followed.filter(({ last }) => last === undefined),
      ...chunks.map((files) => ({ kind: PLAIN_FILES, files, sidecars: [] })),
      ...followed.filter(({ last }) => last === true),
      ...this.#rowTables.map(({ kind, file }) => ({ kind, files: [file], sidecars: [], last: true as const })),
      ...tables.map((files) => ({ kind: PLAIN_FILES, files, sidecars: [], last: true as const })),
    ]
    return parts.map((part) => {
      const listing: ShardListing = {
        ...common,
        ...part,
        ...across,
        keysOf: async (stem, copy, choices) => {
          const keyed = byStem.get(stem)
          return keyed === undefined ? undefined : readShardKeys({ ...keyed, copy }, listing, choices)
        },
      }
      return { ...toShard(part, tablesAbout(part, rowTables)), [LISTING]: listing }
    })
  }
}

/** The tables by whose rows a shard is read: when one changes, the shard is another. */
function tablesAbout(
  { kind, files, last }: ShardDraft,
  rowTables: ReadonlyMap<string, ListedFile>,
): readonly ListedFile[] {
  if (last === true || rowTables.size === 0) return []
  const isLoose = containerOf(kind).layout === "loose"
  const stems = files.map(({ path }) => {
    const text = pathText(path)
    return isLoose ? text.slice(0, Math.max(0, text.lastIndexOf("/"))) : shardName(text).stem
  })
  return [...new Set(stems)].flatMap((stem) => rowTables.get(stem) ?? [])
}

function toShard({ kind, files, sidecars, last }: ShardDraft, tables: readonly ListedFile[]): ShardPlan {
  const { layout } = containerOf(kind)
  const listingDigest = digestListing([...files, ...sidecars, ...tables])
  const path =
    layout === "loose" ? `${kind}-${listingDigest.slice(0, LABEL_DIGITS)}` : pathText(files[0]?.path ?? Buffer.alloc(0))
  return compact({
    id: createHash("sha256").update(`${layout}\n${path}`).digest("hex").slice(0, ID_DIGITS),
    kind,
    layout,
    path,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    items: layout === "loose" ? files.length : undefined,
    listingDigest,
    sidecars: sidecars.length === 0 ? undefined : sidecars.map((file) => pathText(file.path)),
    last,
  })
}

/** Takes the files that describe a shard out of its folder's plain files. */
function takeSidecars(
  file: ListedFile,
  plain: Map<string, ListedFile>,
  hasTable: (path: string) => boolean,
): readonly ListedFile[] {
  return sidecarPaths(pathText(file.path)).flatMap((path) => {
    if (hasTable(path)) return []
    const sidecar = plain.get(path)
    plain.delete(path)
    return sidecar === undefined ? [] : [sidecar]
  })
}

/** Paths of the files that may describe a shard. */
function sidecarPaths(path: string): readonly string[] {
  const slash = path.lastIndexOf("/") + 1
  return sidecarNames(path.slice(slash)).map((name) => path.slice(0, slash) + name)
}

/**
 * Arranges a store's listing as a walk through folders.
 * @module
 */
import { compact, hasCode, type PathFilter } from "@nightlight/core"
import type { FileHead } from "../containers/container.ts"
import { detectShard } from "../containers/index.ts"
import { SNIFF_BYTES, sniffArchive } from "../containers/sniff.ts"
import { HEAD_BYTES, MIN_ARCHIVE_BYTES, MORE_BYTES } from "../plan/file-kind.ts"
import { type Found, pathText } from "../plan/walk.ts"
import type { ListedFile } from "../readers/listing.ts"
import { describesMedia } from "../readers/stem-groups.ts"
import { isPlainName } from "./address.ts"
import { excludedPart } from "./excluded.ts"
import { mayBeShard } from "./heads.ts"
import { inOrder } from "./in-order.ts"
import type { DatasetStore } from "./store.ts"

/** A file as a store lists it. */
export interface ListedEntry {
  /** Relative to the root. */
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly version: string
}

/** Files whose first bytes are read at once. */
const CONCURRENCY = 16

/** What a folder holds. */
interface Folder {
  readonly files: ListedEntry[]
  /** Paths of the folders in it, each with its slash. */
  readonly folders: string[]
}

/**
 * Yields listed files folder by folder, in the order of a walk on disk. A file whose name cannot be a path below a
 * folder is a stray.
 */
export async function* walkListing(
  entries: AsyncIterable<ListedEntry> | Iterable<ListedEntry>,
  { store, isExcluded }: { readonly store: DatasetStore; readonly isExcluded: PathFilter },
  signal: AbortSignal,
): AsyncGenerator<readonly Found[], void> {
  const folders = new Map<string, Folder>([["", { files: [], folders: [] }]])
  const strays: Found[] = []
  const excluded = new Set<string>()
  for await (const entry of entries) {
    // Consoles show a prefix as a folder by an empty object with a slash.
    if ((entry.path === "" || entry.path.endsWith("/")) && entry.sizeBytes === 0) continue
    const part = isPlainName(entry.path) ? excludedPart(entry.path, isExcluded) : undefined
    if (part !== undefined) excluded.add(part)
    else if (isPlainName(entry.path)) folderOf(entry.path, folders).files.push(entry)
    else strays.push(unsafeName(entry.path))
  }
  for (const path of excluded) strays.push({ kind: "stray", code: "excluded", path: Buffer.from(path) })
  if (strays.length > 0) yield strays
  const sorted = [...folders].map(([path, folder]) => ({ folder, key: sortKey(path) }))
  for (const { folder } of sorted.toSorted((a, b) => Buffer.compare(a.key, b.key))) {
    signal.throwIfAborted()
    // An object beside a folder of its name: on disk the two cannot be together. An empty one only marks the folder.
    const isFolderToo = ({ path }: ListedEntry) => folders.has(`${path}/`)
    const left = folder.files.filter((entry) => isFolderToo(entry) && entry.sizeBytes > 0)
    const files = folder.files
      .filter((entry) => !isFolderToo(entry))
      .map((entry) => ({ entry, path: Buffer.from(entry.path) }))
    files.sort((a, b) => Buffer.compare(a.path, b.path))
    const isDescribing = describesMedia(folder.files.map(({ path }) => path))
    const found = await inOrder(files, CONCURRENCY, async ({ entry, path }) => {
      signal.throwIfAborted()
      return await inspect(entry, path, { store, isDescribing })
    })
    yield [
      ...found,
      ...left.map(({ path }) => unsafeName(path)),
      ...folder.folders.map((path): Found => ({ kind: "folder", path: Buffer.from(path.slice(0, -1)) })),
    ]
  }
}

const unsafeName = (path: string): Found => ({ kind: "stray", code: "unsafe_name", path: Buffer.from(path) })

/** Finds the folder of a path, and adds it to the one above where it is new. */
function folderOf(path: string, folders: Map<string, Folder>): Folder {
  const name = path.slice(0, path.lastIndexOf("/", path.length - 2) + 1)
  const known = folders.get(name)
  if (known !== undefined) return known
  const folder: Folder = { files: [], folders: [] }
  folders.set(name, folder)
  folderOf(name, folders).folders.push(name)
  return folder
}

/** Folders sort by their parts, so a slash sorts before everything else. */
function sortKey(folder: string): Buffer {
  const key = Buffer.from(folder)
  for (let index = key.indexOf(0x2f); index !== -1; index = key.indexOf(0x2f, index)) key[index] = 0
  return key
}

/** Detects a shard; more of the file is read only if a format asks for it. */
async function detect(
  head: Omit<FileHead, "more">,
  readMore: () => Promise<Buffer>,
): Promise<ReturnType<typeof detectShard>> {
  let isAsked = false
  const shard = detectShard({
    ...head,
    more: () => {
      isAsked = true
      return head.bytes
    },
  })
  if (!isAsked) return shard
  const bytes = await readMore()
  return detectShard({ ...head, more: () => bytes })
}

async function inspect(
  { sizeBytes, modifiedMs, version }: ListedEntry,
  path: Buffer,
  { store, isDescribing }: { readonly store: DatasetStore; readonly isDescribing: (path: string) => boolean },
): Promise<Found> {
  const name = path.subarray(path.lastIndexOf(0x2f) + 1).toString("latin1")
  const file: ListedFile = { path, sizeBytes, modifiedMs, version, archive: undefined }
  if (!mayBeShard(name) || isDescribing(pathText(path))) return { kind: "file", file }
  try {
    const bytes = sizeBytes < MIN_ARCHIVE_BYTES ? Buffer.alloc(0) : await store.readHead(file, HEAD_BYTES)
    const archive = sniffArchive(bytes.subarray(0, SNIFF_BYTES))
    const shard = await detect({ name, sizeBytes, bytes, archive }, () => store.readHead(file, MORE_BYTES))
    return compact({ kind: "file", file: { ...file, archive: archive !== undefined }, shard })
  } catch (error) {
    if (!hasCode(error, "source_unreadable")) throw error
    return { kind: "stray", code: "unreadable", path }
  }
}

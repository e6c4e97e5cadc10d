/**
 * Decides which tables about other files are still correct in a clean copy.
 * @module
 */
import type { CleanOutput } from "../../output/output.ts"
import { decodeName } from "../../readers/entry-name.ts"
import type { ListedFile, ShardListing } from "../../readers/listing.ts"
import { pathOf } from "../../readers/paths.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { type FileToCopy, readVerified } from "../copy-files.ts"
import { correctIndex } from "../mds/correct-index.ts"
import { readFooter } from "../parquet/footer.ts"
import { readRowStatuses } from "../parquet/row-statuses.ts"
import { filterTable } from "./filter-table.ts"
import { countRowStatuses, isShardStats, MAX_STATS_BYTES, messagesIn, statsText } from "./shard-stats.ts"
import { type CopiedFiles, hasAllRows } from "./split-counts.ts"
import { describedFolder, tableKind } from "./table-kind.ts"
import { updatedCounts } from "./update-counts.ts"

/** Tables for the copy. */
export interface CheckedTables {
  readonly files: readonly FileToCopy[]
  readonly droppedRows: number
  /** Tables left out because they describe files that are gone. */
  readonly stale: readonly string[]
}

/** The copy that tables are checked against. */
export interface TableContext {
  readonly listing: ShardListing
  readonly limits: ReaderLimits
  readonly output: CleanOutput
  readonly incomplete: ReadonlyMap<string, string> | undefined
  readonly copiedRows: CopiedFiles | undefined
}

/** Larger tables are left out, not filtered. */
const MAX_TABLE_BYTES = 2 ** 28

/** Checks kept tables against the copy: rows stay when their files are in it. */
export async function checkTables(
  tables: readonly FileToCopy[],
  context: TableContext,
  signal: AbortSignal,
): Promise<CheckedTables> {
  const isWritten = await context.output.existing()
  const files: FileToCopy[] = []
  const stale: string[] = []
  let droppedRows = 0
  for (const table of tables) {
    const checked = await checkTable(table, { ...context, isWritten }, signal)
    if (checked === undefined) stale.push(pathOf(table.file))
    else files.push(checked.file)
    droppedRows += checked?.droppedRows ?? 0
  }
  return { files, droppedRows, stale }
}

/**
 * Names the tables of a plan that are no longer correct: those over shards, and those over plain files that are gone.
 */
export function staleTablesOf(listing: ShardListing, gone: readonly ListedFile[]): readonly string[] {
  const isBelow = (folder: Buffer) => gone.some(({ path }) => path.subarray(0, folder.length).equals(folder))
  return [...listing.tables()].flatMap((table) => {
    const path = pathOf(table)
    const kind = tableKind(path, () => true)
    const stem = describedFolder(path)
    const isStats = isShardStats(path)
    if (stem !== undefined && listing.files.some((file) => isCalled(pathOf(file), stem, isStats))) return [path]
    const folder = kind === "folder" ? Buffer.from(`${describedFolder(path)}/`) : folderOf(table)
    if (kind === "counts") {
      const counted = folderOf(table)
      return listing.files.some((file) => file.path.subarray(0, counted.length).equals(counted)) ? [path] : []
    }
    return kind === "shards" || isBelow(folder) ? [path] : []
  })
}

/** Whether a shard is called by a stem and one ending, such as `.tar.gz`. Counts are those of a table, too. */
function isCalled(path: string, stem: string, isStats: boolean): boolean {
  if (isStats && path === `${stem}.parquet`) return true
  return path.startsWith(`${stem}.`) && /^\.(?:tar|tar\.\w+|tgz|zip)$/.test(path.slice(stem.length))
}

/** The folder a file is in, with its slash; empty for the root. */
export function folderOf({ path }: ListedFile): Buffer {
  return path.subarray(0, path.lastIndexOf(0x2f) + 1)
}

type IsWritten = (path: Buffer) => boolean

async function checkTable(
  table: FileToCopy,
  { listing, limits, output, incomplete, copiedRows, isWritten }: TableContext & { readonly isWritten: IsWritten },
  signal: AbortSignal,
): Promise<{ readonly file: FileToCopy; readonly droppedRows: number } | undefined> {
  const path = pathOf(table.file)
  const unchanged = { file: table, droppedRows: 0 }
  switch (tableKind(path, () => true)) {
    case "rows": {
      const folder = folderOf(table.file)
      const missing = () => isMissingBelow(folder, listing, isWritten)
      if (path.endsWith(".parquet") || table.file.sizeBytes > MAX_TABLE_BYTES) return missing() ? undefined : unchanged
      const bytes = await readVerified(listing.store, table)
      const filtered = filterTable(path, bytes, (name) => isWritten(Buffer.concat([folder, Buffer.from(name)])))
      if (filtered === undefined) return missing() ? undefined : unchanged
      if (filtered.droppedRows === 0) return unchanged
      return { file: { ...table, replacement: filtered.bytes }, droppedRows: filtered.droppedRows }
    }
    case "folder": {
      const stem = describedFolder(path) ?? path
      const counted = isShardStats(path) ? listing.tableAt(stem) : undefined
      if (counted !== undefined) return await checkStats(table, counted, { listing, limits, output }, signal)
      const folder = Buffer.from(`${stem}/`)
      return isMissingBelow(folder, listing, isWritten) ? undefined : unchanged
    }
    case "shards": {
      if (incomplete?.size === 0) return unchanged
      if (table.file.sizeBytes > MAX_TABLE_BYTES) return undefined
      const open = (name: string) => output.openCopied(Buffer.concat([folderOf(table.file), Buffer.from(name)]))
      const corrected = await correctIndex(await readVerified(listing.store, table), open, limits, signal)
      return corrected === undefined ? undefined : { file: { ...table, replacement: corrected }, droppedRows: 0 }
    }
    case "counts": {
      const folder = folderOf(table.file)
      const files = filesBelow(copiedRows, folder)
      const hasOtherLosses = isMissingBelow(folder, listing, isWritten) || lostBelow(folder, incomplete, copiedRows)
      if (table.file.sizeBytes > MAX_TABLE_BYTES) {
        return !hasOtherLosses && [...files.values()].every(hasAllRows) ? unchanged : undefined
      }
      const before = await readVerified(listing.store, table)
      const replacement = updatedCounts(path, before, { files, hasOtherLosses })
      if (replacement === undefined) return undefined
      return replacement === before ? unchanged : { file: { ...table, replacement }, droppedRows: 0 }
    }
    case undefined:
      return unchanged
  }
}

/** img2dataset's counts of a table's rows, which stay as they are where the table lost none. */
async function checkStats(
  stats: FileToCopy,
  counted: ListedFile,
  { listing, limits, output }: Pick<TableContext, "listing" | "limits" | "output">,
  signal: AbortSignal,
): Promise<{ readonly file: FileToCopy; readonly droppedRows: number } | undefined> {
  using copied = await output.openCopied(counted.path)
  if (copied === undefined) return undefined
  {
    using source = listing.store.open(counted)
    const before = await readFooter(source, limits)
    if (before.rows === (await readFooter(copied, limits)).rows) return { file: stats, droppedRows: 0 }
  }
  if (stats.file.sizeBytes > MAX_STATS_BYTES) return undefined
  const text = statsText(await readVerified(listing.store, stats))
  if (text === undefined) return undefined
  const updated = countRowStatuses(text, await readRowStatuses(copied, messagesIn(text), { limits, signal }))
  return updated === undefined ? undefined : { file: { ...stats, replacement: Buffer.from(updated) }, droppedRows: 0 }
}

/** The files of tables below a folder, given with its slash, by path relative to it. */
export function filesBelow(files: CopiedFiles | undefined, folder: Buffer): CopiedFiles {
  const prefix = decodeName(folder)
  return new Map(
    [...(files ?? [])].flatMap(([path, file]) => (path.startsWith(prefix) ? [[path.slice(prefix.length), file]] : [])),
  )
}

/** Whether a packed shard below a folder lost an item, other than one whose rows are counted. */
function lostBelow(
  folder: Buffer,
  incomplete: ReadonlyMap<string, string> | undefined,
  copiedRows: CopiedFiles | undefined,
): boolean {
  if (incomplete === undefined) return true
  const prefix = decodeName(folder)
  return [...incomplete.values()].some((path) => path.startsWith(prefix) && copiedRows?.has(path) !== true)
}

/** Whether a file of the source below a folder is not in the copy. */
function isMissingBelow(folder: Buffer, listing: ShardListing, isWritten: IsWritten): boolean {
  for (const file of listing.filesBelow(folder)) {
    if (!isWritten(file.path)) return true
  }
  return false
}

/**
 * Keeps the counts that a dataset states about itself true while known items are removed from it.
 * @module
 */
import { readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError, hasCode, ShardError } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import { containerOf, hasRows } from "../containers/index.ts"
import { filesBelow, folderOf } from "../containers/tables/check-tables.ts"
import type { CopiedRows } from "../containers/tables/split-counts.ts"
import { tableKind } from "../containers/tables/table-kind.ts"
import { updatedCounts } from "../containers/tables/update-counts.ts"
import { listingOf } from "../plan/open-shard.ts"
import type { DatasetPlan, ShardPlan } from "../plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import type { ListedFile, ShardListing } from "../readers/listing.ts"
import { pathOf } from "../readers/paths.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { replaceFile, type StatingFile } from "./replace-file.ts"

/** Rows and bytes of a table's file. */
type Size = readonly [rows: number, bytes: number]

/** Longer ones are left as they are. */
const MAX_BYTES = 2 ** 28

/**
 * The counts of a dataset during one purge. What its tables had before is kept in the workspace until the counts are
 * written, so that a purge that was killed in between and is repeated writes them all the same.
 */
export class PurgedCounts {
  readonly #workspace: Workspace
  readonly #plan: DatasetPlan
  readonly #files: readonly StatingFile[]
  readonly #journal: string
  readonly #rewritten = new Map<string, Size>()
  readonly #others: ShardPlan[] = []
  /** When this purge began. */
  #now: ReadonlyMap<string, Size> | undefined
  #before: ReadonlyMap<string, Size> | undefined
  #isRepeated = false

  constructor(workspace: Workspace, plan: DatasetPlan) {
    this.#workspace = workspace
    this.#plan = plan
    this.#files = plan.shards
      .filter(({ layout, last }) => layout === "loose" && last === true)
      .flatMap((shard) => {
        const listing = listingOf(shard)
        const counts = listing.files.filter((file) => tableKind(pathOf(file), () => true) === "counts")
        return counts.map((file) => ({ shard, listing, file }))
      })
    const root = workspace.keyed.of("purge-rows", plan.root)
    this.#journal = join(workspace.layout.purges, `rows-${root.slice(0, 32)}.json`)
  }

  /** Takes up what a killed purge left. @throws {DependencyError} as {@link PurgedCounts.begin}. */
  async resume(): Promise<void> {
    if (readJournal(this.#journal) !== undefined) await this.begin()
  }

  /**
   * Counts the rows of all tables; called before the first change.
   *
   * @throws {DependencyError} `write_failed`, `disk_full`.
   */
  async begin(): Promise<void> {
    if (this.#now !== undefined || this.#files.length === 0) return
    this.#now = await countRows(this.#plan)
    const left = readJournal(this.#journal)
    this.#isRepeated = left !== undefined
    this.#before = left ?? this.#now
    if (left === undefined) await writeFileAtomic(this.#journal, `${JSON.stringify([...this.#now])}\n`, 0o600)
  }

  /** Notes that a shard was changed, and its rows where it is a table. */
  changed(shard: ShardPlan, rows: Size | undefined): void {
    if (rows !== undefined) this.#rewritten.set(shard.path, rows)
    else if (!hasCountedRows(shard)) this.#others.push(shard)
  }

  /**
   * Writes the counts as they are now.
   *
   * @returns paths, relative to the root, of the files with counts that are true; others could not be written.
   */
  async finish(): Promise<ReadonlySet<string>> {
    const correct = new Set<string>()
    const before = this.#before
    if (before === undefined) return correct
    const rows = new Map<string, CopiedRows | undefined>()
    for (const { path } of this.#plan.shards.filter(hasCountedRows)) {
      const [rowsRead, sourceBytes] = before.get(path) ?? []
      const [rowsWritten, bytes] = this.#rewritten.get(path) ?? this.#now?.get(path) ?? []
      const isKnown =
        rowsRead !== undefined && sourceBytes !== undefined && rowsWritten !== undefined && bytes !== undefined
      rows.set(path, isKnown ? { rowsRead, sourceBytes, rowsWritten, bytes } : undefined)
    }
    let hasFailed = false
    for (const counts of this.#files) {
      try {
        if (await this.#write(counts, rows)) correct.add(pathOf(counts.file))
      } catch (error) {
        if (!(error instanceof DependencyError)) throw error
        hasFailed = true
      }
    }
    // A repeated purge writes what could not be written.
    if (!hasFailed) await rm(this.#journal, { force: true })
    return correct
  }

  async #write(
    { shard, listing, file }: StatingFile,
    rows: ReadonlyMap<string, CopiedRows | undefined>,
  ): Promise<boolean> {
    const folder = folderOf(file)
    const hasOtherLosses =
      this.#isRepeated ||
      this.#others.some((other) =>
        listingOf(other).files.some(({ path }) => path.subarray(0, folder.length).equals(folder)),
      )
    if (file.sizeBytes > MAX_BYTES) return false
    const before = await readWhole(listing, file)
    const after = updatedCounts(pathOf(file), before, { files: filesBelow(rows, folder), hasOtherLosses })
    if (after === undefined) return false
    if (after === before) return true
    await replaceFile(this.#workspace, { shard, listing, file }, after)
    return true
  }
}

function hasCountedRows({ kind }: ShardPlan): boolean {
  return hasRows(kind)
}

/** Rows of every table that can be read, by path. */
async function countRows({ shards }: DatasetPlan): Promise<ReadonlyMap<string, Size>> {
  const rows = new Map<string, Size>()
  for (const shard of shards) {
    const container = containerOf(shard.kind)
    if (container.layout !== "packed" || container.countRows === undefined) continue
    const { store, files } = listingOf(shard)
    for (const file of files) {
      try {
        using source = store.open(file)
        rows.set(shard.path, [await container.countRows(source, DEFAULT_READER_LIMITS), file.sizeBytes])
      } catch (error) {
        if (!(error instanceof ShardError || error instanceof DependencyError)) throw error
      }
    }
  }
  return rows
}

async function readWhole({ store }: ShardListing, file: ListedFile): Promise<Uint8Array> {
  using source = store.open(file)
  return await source.read(0, source.sizeBytes)
}

/** What a killed purge noted; undefined where there is nothing, or nothing that can be read. */
function readJournal(path: string): ReadonlyMap<string, Size> | undefined {
  try {
    return new Map(JSON.parse(readFileSync(path, "utf8")) as readonly (readonly [string, Size])[])
  } catch (error) {
    if (hasCode(error, "ENOENT") || error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

/**
 * The counts that a Hugging Face dataset states about its splits, as they are in a copy.
 *
 * Source: Hugging Face `datasets` 5.0, `info.py`, `splits.py`, `utils/info_utils.py` (loading fails where `num_examples`
 * differs, and where checksums do; nothing is compared with a size), and its naming of files,
 * `split-00000-of-00005.parquet`, in a folder named for the configuration where there are several.
 * @module
 */

/** A shard with rows, in the source and in the copy. */
export interface CopiedRows {
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly sourceBytes: number
  readonly bytes: number
}

/** Copied shards by path relative to the folder of the counts; `undefined` for one that was not copied. */
export type CopiedFiles = ReadonlyMap<string, CopiedRows | undefined>

/** What a copy has lost below a folder. */
export interface CopiedDataset {
  /** Files whose rows are counted. */
  readonly files: CopiedFiles
  /** Whether anything else lost an item: rows of JSON lines, members of tars, plain files. */
  readonly hasOtherLosses: boolean
}

/** What is stated about one configuration. Sizes are in bytes; undefined where nothing is stated. */
export interface StatedCounts {
  /** Undefined where it is the only one. */
  readonly config: string | undefined
  readonly splits: readonly StatedSplit[]
  readonly downloadBytes: number | undefined
  readonly datasetBytes: number | undefined
}

/** What is stated about a split; `bytes` is its size in memory. */
export interface StatedSplit {
  readonly name: string
  readonly examples: number | undefined
  readonly bytes: number | undefined
}

/** The same in the copy; a size is undefined where it cannot be told. */
export interface CountsInCopy {
  readonly splits: readonly SplitInCopy[]
  readonly downloadBytes: number | undefined
  readonly datasetBytes: number | undefined
}

/** A split in the copy. */
export interface SplitInCopy {
  readonly examples: number
  readonly bytes: number | undefined
  /** Rows of each of its files. */
  readonly lengths: readonly number[]
}

/**
 * Counts what a configuration has in the copy. A split's size in memory is lowered in proportion to its rows, rounded
 * down, as `datasets` itself does for a dataset of which rows were selected (`Dataset._estimate_nbytes`).
 *
 * @returns `same` where nothing of it was lost; `unknown` where the counts cannot be told, because they do not agree with
 * the source's files, or its rows lie in files that are not counted.
 */
export function countsInCopy(
  stated: StatedCounts,
  { files, hasOtherLosses }: CopiedDataset,
): CountsInCopy | "same" | "unknown" {
  const splits = stated.splits.map((split) => ({ ...split, files: filesOf(split.name, stated.config, files) }))
  const all = splits.flatMap((split) => split.files)
  if (all.every(isUnchanged)) {
    // Rows may also lie in files of other names.
    const isCounted =
      splits.length > 0 &&
      splits.every((split) => split.files.length > 0 && split.examples === sum(split.files, ({ rowsRead }) => rowsRead))
    return isCounted || (!hasOtherLosses && [...files.values()].every(hasAllRows)) ? "same" : "unknown"
  }
  const counted: (StatedSplit & { readonly read: number; readonly written: number; readonly lengths: number[] })[] = []
  for (const split of splits) {
    const read = sum(split.files, ({ rowsRead }) => rowsRead)
    const written = sum(split.files, ({ rowsWritten }) => rowsWritten)
    if (read === undefined || written === undefined) return "unknown"
    const lengths = split.files.map((file) => file?.rowsWritten ?? 0)
    counted.push({ ...split, read, written, lengths })
  }
  // A purge that was repeated finds what it wrote before.
  if (counted.some(({ read, written }) => read !== written)) {
    if (counted.every(({ examples, written }) => examples === written)) return "same"
  }
  if (counted.some(({ examples, read }) => examples !== read)) return "unknown"
  const inCopy = counted.map(({ bytes, read, written, lengths }): SplitInCopy => {
    const inMemory = bytes === undefined || read === written ? bytes : Math.floor((bytes * written) / read)
    return { examples: written, bytes: inMemory, lengths }
  })
  const isSum = stated.datasetBytes !== undefined && stated.datasetBytes === sumOfSizes(stated.splits)
  const isDownload = stated.downloadBytes === sum(all, ({ sourceBytes }) => sourceBytes)
  return {
    splits: inCopy,
    downloadBytes: isDownload ? sum(all, ({ bytes }) => bytes) : undefined,
    datasetBytes: isSum ? sumOfSizes(inCopy) : undefined,
  }
}

/** Whether a file is in the copy with all of its rows. */
export function hasAllRows(file: CopiedRows | undefined): boolean {
  return file !== undefined && file.rowsRead === file.rowsWritten
}

function isUnchanged(file: CopiedRows | undefined): boolean {
  return file !== undefined && hasAllRows(file) && file.sourceBytes === file.bytes
}

/** A split's files, by their path. Caches put the dataset's name before the split's. */
function filesOf(split: string, config: string | undefined, files: CopiedFiles): readonly (CopiedRows | undefined)[] {
  const named = [...files].flatMap(([path, file]) => {
    const [, folder = "", name = ""] = FILE.exec(path) ?? []
    const isOwn = name !== "" && (config === undefined || folder.split("/").includes(config))
    return isOwn ? [{ path, file, name }] : []
  })
  const exact = named.filter(({ name }) => name === split)
  const own = exact.length > 0 ? exact : named.filter(({ name }) => name.endsWith(`-${split}`))
  return own.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(({ file }) => file)
}

/** A file of a split. */
const FILE = /^(.*\/)?([^/]+?)(?:-\d{5}-of-\d{5}(?:-[0-9a-f]{16})?)?\.(?:parquet|arrow)$/

function sum(files: readonly (CopiedRows | undefined)[], of: (file: CopiedRows) => number): number | undefined {
  let total = 0
  for (const file of files) {
    if (file === undefined) return undefined
    total += of(file)
  }
  return total
}

function sumOfSizes(splits: readonly { readonly bytes: number | undefined }[]): number | undefined {
  let total = 0
  for (const { bytes } of splits) {
    if (bytes === undefined) return undefined
    total += bytes
  }
  return total
}

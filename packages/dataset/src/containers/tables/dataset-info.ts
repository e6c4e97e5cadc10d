/**
 * Counts and state that Hugging Face `datasets` keeps beside Arrow files: `dataset_info.json` and `state.json`.
 *
 * Source: Hugging Face `datasets`, `info.py`, `splits.py`, `arrow_dataset.py` (`save_to_disk`).
 * @module
 */
import { createHash } from "node:crypto"
import type { CopiedFiles, CopiedRows } from "./split-counts.ts"

type Fields = Readonly<Record<string, unknown>>

/** Sizes of the rows in memory, of a download, and of both. */
const SIZES = ["download_size", "dataset_size", "size_in_bytes", "download_checksums"]
/** The name of an Arrow file that `save_to_disk` writes; it does not say which split its folder is. */
const SAVED = /^data-\d{5}-of-\d{5}\.arrow$/

/**
 * Writes the counts of a `dataset_info.json` as they are in the copy. Sizes are left out, and so are the counts of
 * splits where the files do not say which one they are: both are optional to loaders.
 *
 * @param files - Those below its folder.
 * @returns `undefined` where the counts cannot be told, because they do not agree with the source's files; the same text
 * where nothing changed.
 */
export function updateDatasetInfo(text: string, files: CopiedFiles): string | undefined {
  if (areWhole(files)) return text
  const info = parse(text)
  if (info === undefined) return undefined
  const less: Record<string, unknown> = { ...info }
  for (const size of SIZES) delete less[size]
  const { splits } = info
  if ([...files.keys()].every((path) => SAVED.test(path))) {
    delete less["splits"]
  } else if (splits !== undefined && splits !== null) {
    const updated = updateSplits(splits, files)
    if (updated === undefined) return undefined
    less["splits"] = updated
  }
  return write(less, text)
}

function updateSplits(splits: unknown, files: CopiedFiles): Fields | undefined {
  if (typeof splits !== "object" || splits === null) return undefined
  const updated: Record<string, unknown> = {}
  for (const [name, split] of Object.entries(splits as Fields)) {
    const own = filesOf(name, files)
    if (typeof split !== "object" || split === null || own === undefined) return undefined
    const { num_examples: examples, num_bytes: _, shard_lengths: lengths, ...rest } = split as Fields
    const read = own.reduce((sum, { rowsRead }) => sum + rowsRead, 0)
    if (examples !== read) return undefined
    const written = own.map(({ rowsWritten }) => rowsWritten)
    const total = written.reduce((sum, count) => sum + count, 0)
    const counted = { ...rest, num_examples: total }
    if (total === read) updated[name] = split
    else updated[name] = Array.isArray(lengths) ? { ...counted, shard_lengths: written } : counted
  }
  return updated
}

/** The files of a split; undefined where one was not copied. */
function filesOf(split: string, files: CopiedFiles): readonly CopiedRows[] | undefined {
  const own: CopiedRows[] = []
  for (const [path, file] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const stem = /^(.*?)(?:-\d{5}-of-\d{5})?\.(?:arrow|parquet)$/.exec(path.slice(path.lastIndexOf("/") + 1))?.[1]
    if (stem !== split && stem?.endsWith(`-${split}`) !== true) continue
    if (file === undefined) return undefined
    own.push(file)
  }
  return own
}

/**
 * Writes a `state.json` for the copy: files that are not in it are left out, and it has another fingerprint, so that
 * results which were cached for the source's rows are not taken for the copy's.
 *
 * @param files - Those below its folder.
 * @returns the same text where nothing changed, or it is another kind of file.
 */
export function updateDatasetState(text: string, files: CopiedFiles): string {
  const state = parse(text)
  const { _data_files: listed, _fingerprint: fingerprint } = state ?? {}
  if (areWhole(files) || !Array.isArray(listed) || typeof fingerprint !== "string") return text
  const kept = listed.filter((entry: { readonly filename?: unknown } | null) => {
    const name = entry?.filename
    return typeof name !== "string" || !files.has(name) || files.get(name) !== undefined
  })
  const hash = createHash("sha256").update(JSON.stringify([fingerprint, [...files]]))
  return write({ ...state, _data_files: kept, _fingerprint: hash.digest("hex").slice(0, 16) }, text)
}

function areWhole(files: CopiedFiles): boolean {
  return [...files.values()].every((file) => file !== undefined && file.rowsRead === file.rowsWritten)
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}

/** In the form of the source, one line or indented. */
function write(value: Fields, source: string): string {
  const indent = /^\{\n( +)/.exec(source)?.[1] ?? ""
  return JSON.stringify(value, null, indent) + (source.endsWith("\n") ? "\n" : "")
}

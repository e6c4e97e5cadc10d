/**
 * Counts and state that Hugging Face `datasets` keeps as JSON: `dataset_info.json`, the older `dataset_infos.json` with
 * one entry for each configuration, and `state.json`.
 *
 * Source: Hugging Face `datasets`, `info.py`, `splits.py`, `arrow_dataset.py` (`save_to_disk`).
 * @module
 */
import { createHash } from "node:crypto"
import { editJson, type JsonEdit, type JsonEdits } from "./edit-json.ts"
import { type CopiedDataset, countsInCopy, hasAllRows } from "./split-counts.ts"

type Fields = Readonly<Record<string, unknown>>

const DROP: JsonEdit = { kind: "drop" }
/** Stated about files as they were downloaded: `datasets` compares the checksums where it is asked to. */
const SIZES = ["download_size", "dataset_size", "size_in_bytes", "download_checksums"]
/** Everything that may be wrong once rows are gone; all of it is optional to `datasets`. */
const COUNTS: JsonEdits = new Map([...SIZES, "splits"].map((name) => [name, DROP]))
/** The name of an Arrow file that `save_to_disk` writes; it does not say which split its folder is. */
const SAVED = /^data-\d{5}-of-\d{5}\.arrow$/

/**
 * Writes the counts of a `dataset_info.json` as they are in the copy; where they cannot be told, they are left out. All
 * other bytes stay.
 *
 * @param copied - What lies below its folder.
 * @returns `undefined` where the text is not such a file; the same text where nothing changed.
 */
export function updateDatasetInfo(text: string, copied: CopiedDataset): string | undefined {
  const info = parse(text)
  if (info === undefined) return undefined
  const names = [...copied.files.keys()]
  const isSaved = names.length > 0 && names.every((path) => SAVED.test(path))
  if (isSaved) return [...copied.files.values()].every(hasAllRows) ? text : editJson(text, COUNTS)
  const edits = editsOf(info, undefined, copied)
  return edits === undefined ? text : editJson(text, edits)
}

/** The same for a `dataset_infos.json`. */
export function updateDatasetInfos(text: string, copied: CopiedDataset): string | undefined {
  const infos = Object.entries(parse(text) ?? { "": undefined })
  const edits = new Map<string, JsonEdit>()
  for (const [config, info] of infos) {
    if (!isObject(info)) return undefined
    const members = editsOf(info, infos.length === 1 ? undefined : config, copied)
    if (members !== undefined) edits.set(config, { kind: "edit", members })
  }
  return edits.size === 0 ? text : editJson(text, edits)
}

/** The changes of one configuration's entry; undefined where nothing of it was lost. */
function editsOf(info: Fields, config: string | undefined, copied: CopiedDataset): JsonEdits | undefined {
  const { splits = {}, download_size: download, dataset_size: size, size_in_bytes: both } = info
  const stated = isObject(splits) ? Object.entries(splits) : []
  const counts = countsInCopy(
    {
      config,
      splits: stated.map(([name, split]) => ({
        name,
        examples: numberOf(fieldsOf(split)["num_examples"]),
        bytes: numberOf(fieldsOf(split)["num_bytes"]),
      })),
      downloadBytes: numberOf(download),
      datasetBytes: numberOf(size),
    },
    copied,
  )
  if (counts === "same") return undefined
  if (counts === "unknown") return COUNTS
  const { downloadBytes, datasetBytes } = counts
  const isSum = numberOf(both) === (numberOf(download) ?? 0) + (numberOf(size) ?? 0)
  const total = isSum && downloadBytes !== undefined && datasetBytes !== undefined
  const edits = new Map<string, JsonEdit>([
    ["download_checksums", DROP],
    ["download_size", setOrDrop(downloadBytes)],
    ["dataset_size", setOrDrop(datasetBytes)],
    ["size_in_bytes", setOrDrop(total ? downloadBytes + datasetBytes : undefined)],
  ])
  const bySplit = stated.flatMap(([name, split], index): (readonly [string, JsonEdit])[] => {
    const inCopy = counts.splits[index]
    const { num_examples: examples, shard_lengths: lengths } = fieldsOf(split)
    if (inCopy === undefined || inCopy.examples === examples) return []
    const members = new Map<string, JsonEdit>([
      ["num_examples", { kind: "set", value: inCopy.examples }],
      ["num_bytes", setOrDrop(inCopy.bytes)],
      // Of the files before they were uploaded.
      ["original_shard_lengths", DROP],
    ])
    if (Array.isArray(lengths)) members.set("shard_lengths", { kind: "set", value: inCopy.lengths })
    return [[name, { kind: "edit", members }]]
  })
  return edits.set("splits", { kind: "edit", members: new Map(bySplit) })
}

function setOrDrop(value: number | undefined): JsonEdit {
  return value === undefined ? DROP : { kind: "set", value }
}

/**
 * Writes a `state.json` for the copy: files that are not in it are left out, and it has another fingerprint, so that
 * results which were cached for the source's rows are not taken for the copy's.
 *
 * @returns the same text where nothing changed, or it is another kind of file.
 */
export function updateDatasetState(text: string, { files }: CopiedDataset): string {
  const { _data_files: listed, _fingerprint: fingerprint } = parse(text) ?? {}
  if ([...files.values()].every(hasAllRows) || !Array.isArray(listed) || typeof fingerprint !== "string") return text
  const kept = listed.filter((entry: { readonly filename?: unknown } | null) => {
    const name = entry?.filename
    return typeof name !== "string" || !files.has(name) || files.get(name) !== undefined
  })
  const hash = createHash("sha256").update(JSON.stringify([fingerprint, [...files]]))
  const edits = new Map<string, JsonEdit>([["_fingerprint", { kind: "set", value: hash.digest("hex").slice(0, 16) }]])
  if (kept.length < listed.length) edits.set("_data_files", { kind: "set", value: kept })
  return editJson(text, edits)
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {}
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined
}

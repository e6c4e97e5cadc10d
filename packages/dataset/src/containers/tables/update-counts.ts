/**
 * Files with counts of a Hugging Face dataset, by name.
 * @module
 */
import { isUtf8 } from "node:buffer"
import { updateDatasetInfo, updateDatasetInfos, updateDatasetState } from "./dataset-info.ts"
import { updateReadmeCounts } from "./readme-counts.ts"
import type { CopiedDataset } from "./split-counts.ts"

/** How each is written again. The README is handed over as Latin-1, to keep its bytes. */
const UPDATES: Readonly<Record<string, (text: string, copied: CopiedDataset) => string | undefined>> = {
  "readme.md": updateReadmeCounts,
  "dataset_info.json": updateDatasetInfo,
  "dataset_infos.json": updateDatasetInfos,
  "state.json": updateDatasetState,
}

/**
 * Writes a file's counts as they are in the copy.
 *
 * @returns `undefined` where that is not possible; `bytes` itself where nothing changes.
 */
export function updatedCounts(path: string, bytes: Uint8Array, copied: CopiedDataset): Uint8Array | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase()
  const update = UPDATES[name]
  if (update === undefined) return bytes
  const isJson = name.endsWith(".json")
  if (isJson && !isUtf8(bytes)) return undefined
  const encoding = isJson ? "utf8" : "latin1"
  const text = Buffer.from(bytes).toString(encoding)
  const updated = update(text, copied)
  if (updated === undefined) return undefined
  return updated === text ? bytes : Buffer.from(updated, encoding)
}

/**
 * Files that describe other files or shards, by their names: they become wrong when something is withheld.
 * @module
 */
import { isMetadataTable } from "../../readers/stem-groups.ts"

/** Subject of a table: its rows are about files below its folder, about one folder, or about all shards. */
export type TableKind = "rows" | "folder" | "shards" | "counts"

/**
 * Recognises a table about other files by its name.
 *
 * - `rows`: Hugging Face's `metadata.csv|jsonl|parquet`, rows about files below its folder.
 * - `folder`: img2dataset's `NNNNN.parquet` and `NNNNN_stats.json` beside the folder `NNNNN`.
 * - `shards`: an index over shards (`wids`), such as `index.json` or `shardindex.json`, or a list of checksums.
 * - `counts`: Hugging Face's counts of rows, in `README.md`, `dataset_infos.json` or `dataset_info.json`, and the
 *   `state.json` of `save_to_disk`.
 *
 * @param isFolder - Whether a path is that of a folder with files.
 */
export function tableKind(path: string, isFolder: (path: string) => boolean): TableKind | undefined {
  if (isMetadataTable(path)) return "rows"
  const folder = describedFolder(path)
  if (folder !== undefined && isFolder(folder)) return "folder"
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase()
  if (COUNTS.test(name)) return "counts"
  return SHARD_TABLE.test(name) ? "shards" : undefined
}

/** The folder that a file such as `00012.parquet` or `00012_stats.json` would describe. */
export function describedFolder(path: string): string | undefined {
  return /^(.*[^/])(?:\.parquet|_stats\.json)$/.exec(path)?.[1]
}

const SHARD_TABLE =
  /^(?:(?:wids|index|shard-?index|shards|sizes|.*-shards|.*\.shards)\.json|(?:md5|sha1|sha256|sha512)sums?(?:\.txt)?|checksums?\.txt)$/

const COUNTS = /^(?:readme\.md|dataset_infos?\.json|state\.json)$/

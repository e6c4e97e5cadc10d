/**
 * Files beside a packed shard that describe it: they become wrong when something is withheld.
 * @module
 */
import { SHARD_ENDINGS } from "../containers/index.ts"

/**
 * Names of files that describe the shard `name`: byte-offset indexes (DALI's `wds2idx`), img2dataset's metadata and
 * counts, checksums, a per-shard JSON.
 */
export function sidecarNames(name: string): readonly string[] {
  const lower = name.toLowerCase()
  const ending = SHARD_ENDINGS.find((candidate) => lower.endsWith(candidate)) ?? ""
  const stem = name.slice(0, name.length - ending.length)
  return [
    ...["idx", "index", "md5", "sha1", "sha256", "sha512", "json"].map((extension) => `${name}.${extension}`),
    ...["idx", "index", "parquet", "md5", "sha256"].map((extension) => `${stem}.${extension}`),
    `${stem}_stats.json`,
  ]
}

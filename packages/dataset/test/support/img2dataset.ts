/**
 * A shard as img2dataset writes it: three pictures, and a failed download.
 */
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { sha256 } from "@nightlight/dev-env/dataset/shards"
import { duckdb } from "./duckdb.ts"

/** Keys of the pictures. */
export const KEYS = ["000000000", "000000001", "000000002"] as const
/** Counts of the shard, as img2dataset writes them. */
export const STATS = {
  count: 4,
  successes: 3,
  failed_to_download: 1,
  failed_to_resize: 0,
  duration: 1.5,
  status_dict: { success: 3, timeout: 1 },
}

/** Raw downloads: only their digests are in the dataset, the pictures stored are others. */
export const rawOf = (key: string) => jpeg(600 + Number(key))

/** Writes the table of a shard: three pictures and a failed download. */
export async function writeTable(path: string): Promise<void> {
  const rows = await Promise.all(
    [...KEYS, "000000003"].map(async (key, index) => {
      const hash = sha256(await rawOf(key))
      const outcome = index === 3 ? "'failed_to_download', 'timeout'" : "'success', NULL"
      return `('${key}', 'https://pictures.example/${key}', ${outcome}, '${hash}')`
    }),
  )
  await duckdb(
    `COPY (SELECT * FROM (VALUES ${rows.join(",")}) t(key, url, status, error_message, sha256)) TO '${path}' (FORMAT parquet)`,
  )
}

/** The members of the shard: a picture and its caption for each key. */
export async function members(prefix = ""): Promise<Record<string, string | Uint8Array>> {
  const files: Record<string, string | Uint8Array> = {}
  for (const key of KEYS) {
    files[`${prefix}${key}.jpg`] = await jpeg(Number(key) + 1)
    files[`${prefix}${key}.txt`] = `Generated shapes ${key}`
  }
  return files
}

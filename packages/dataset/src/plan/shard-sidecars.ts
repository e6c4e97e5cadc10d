/**
 * Files beside a packed shard that describe it: they become wrong when something is withheld.
 * @module
 */
import { shardName } from "../containers/index.ts"

/**
 * Names of files that describe the shard `name`: byte-offset indexes (DALI's `wds2idx`), checksums, a per-shard JSON, and
 * what its format has besides, such as img2dataset's metadata and counts or the index of a WARC file.
 */
export function sidecarNames(name: string): readonly string[] {
  const { stem, besides } = shardName(name)
  return [
    ...["idx", "index", "md5", "sha1", "sha256", "sha512", "json"].map((extension) => `${name}.${extension}`),
    ...["idx", "index", "md5", "sha256"].map((extension) => `${stem}.${extension}`),
    ...besides.flatMap((ending) => [name + ending, stem + ending]),
  ]
}

import { ShardError } from "@nightlight/core"

/** The error of a file that is not what its format says. */
export function malformed(): ShardError {
  return new ShardError("shard_malformed", "a Parquet file is damaged, cut short or contradicts itself")
}

/** The error of a file that needs more memory or time than a reader may spend. */
export function tooLarge(what: string): ShardError {
  return new ShardError("shard_limit", `a Parquet file has ${what} than can be read`)
}

/** The error of a file that expands beyond the limits. */
export function bomb(): ShardError {
  return new ShardError("shard_bomb", "a Parquet file inflates beyond the limit")
}

import { ShardError } from "@nightlight/core"

/** The error of a file that is not what its format says. */
export function malformed(title: string): ShardError {
  return new ShardError("shard_malformed", `${title} is damaged, cut short or contradicts itself`)
}

/** The error of a file that needs more memory or time than a reader may spend. */
export function tooLarge(title: string, what: string): ShardError {
  return new ShardError("shard_limit", `${title} has ${what} than can be read`)
}

/** The error of a file that expands beyond the limits. */
export function bomb(title: string): ShardError {
  return new ShardError("shard_bomb", `${title} inflates beyond the limit`)
}

import { DependencyError } from "@nightlight/core"

/** The error of a dataset that changed since it was planned. */
export function sourceChanged(): DependencyError {
  return new DependencyError("source_changed", "the dataset changed since it was planned", {
    hint: "Nothing was written for this shard. Run the same command again to plan it again.",
  })
}

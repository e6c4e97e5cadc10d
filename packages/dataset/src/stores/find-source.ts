import { type PathFilter, RequestError } from "@nightlight/core"
import { storeKindOf } from "./address.ts"
import { localSource } from "./local/source.ts"
import { DEFAULT_S3_SETTINGS, type S3Settings } from "./s3/settings.ts"
import type { DatasetSource } from "./source.ts"

/** What {@link findSource} needs beyond the inputs. */
export interface SourceOptions {
  /** Folders of this machine not walked. */
  readonly exclude?: readonly string[]
  /** Which paths, relative to the root, are not read. */
  readonly isExcluded: PathFilter
  readonly s3?: S3Settings
}

/**
 * Finds what an operator named, in the store where it lies.
 *
 * @throws {RequestError} `input_invalid` if the inputs lie in several stores, or an address is malformed; `not_found`.
 * @throws {DependencyError} `unavailable` if the store does not answer.
 */
export async function findSource(
  inputs: readonly string[],
  options: SourceOptions,
  signal: AbortSignal,
): Promise<DatasetSource> {
  const [kind = "local", ...others] = [...new Set(inputs.map(storeKindOf))]
  if (others.length > 0) {
    throw new RequestError("input_invalid", "the inputs lie in several places", {
      hint: "Run one scan for local files, one for each bucket and one for each repository.",
    })
  }
  switch (kind) {
    case "local":
      return localSource(inputs, { folders: options.exclude ?? [], isExcluded: options.isExcluded })
    case "s3": {
      const { s3Source } = await import("./s3/source.ts")
      return s3Source(inputs, { settings: options.s3 ?? DEFAULT_S3_SETTINGS, isExcluded: options.isExcluded }, signal)
    }
    case "hub": {
      const { hubSource } = await import("./hub/source.ts")
      return hubSource(inputs, options, signal)
    }
  }
}

import type { ShardError } from "@nightlight/core"
import * as errors from "../rows/table-errors.ts"

/** What errors call such a file. */
export const PARQUET = "a Parquet file"

/** The error of a file that is not what its format says. */
export const malformed = (): ShardError => errors.malformed(PARQUET)

/** The error of a file that needs more memory or time than a reader may spend. */
export const tooLarge = (what: string): ShardError => errors.tooLarge(PARQUET, what)

/** The error of a file that expands beyond the limits. */
export const bomb = (): ShardError => errors.bomb(PARQUET)

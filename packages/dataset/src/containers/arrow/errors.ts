import { ShardError } from "@nightlight/core"
import * as errors from "../rows/table-errors.ts"

/** What errors call such a file. */
export const ARROW = "an Arrow file"

/** The error of a file that is not what its format says. */
export const malformed = (): ShardError => errors.malformed(ARROW)

/** The error of a file that needs more memory or time than a reader may spend. */
export const tooLarge = (what: string): ShardError => errors.tooLarge(ARROW, what)

/** The error of a file that readers would understand differently, or that is not understood here. */
export const unsafe = (what: string): ShardError => new ShardError("shard_unsafe", `${ARROW} ${what}`)

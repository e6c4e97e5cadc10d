import { tryParseJson } from "@nightlight/core"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { Tables } from "../db/tables.ts"
import { countUnsigned, newestCheckpoint } from "./checkpoint.ts"

/** How far the log is signed. */
export interface LogSigning {
  /** Number of events after the last checkpoint. */
  readonly unsigned: number
  /**
   * When the last one was signed, by the custodian's clock; `undefined` if none was. Unchecked: verifying is a separate
   * action.
   */
  readonly signedAt: Date | undefined
}

const Line = z.looseObject({ at: z.iso.datetime() })

/** Reads how far the log is signed. */
export async function readSigning(db: Kysely<Tables>): Promise<LogSigning> {
  const last = await newestCheckpoint(db)
  return {
    unsigned: await countUnsigned(db),
    signedAt: last === undefined ? undefined : readSignedAt(last.line),
  }
}

/**
 * The time of signing in a checkpoint's line; `undefined` if the line is no checkpoint. Its signature is not checked.
 */
export function readSignedAt(line: string): Date | undefined {
  const parsed = Line.safeParse(tryParseJson(line))
  return parsed.success ? new Date(parsed.data.at) : undefined
}

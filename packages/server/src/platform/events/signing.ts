import type { Kysely } from "kysely"
import { z } from "zod"
import type { Tables } from "../db/tables.ts"
import { countUnsigned } from "./checkpoint.ts"
import { newestCheckpoint } from "./newest-checkpoint.ts"

/** How far the log is signed. */
export interface LogSigning {
  /** Events behind the last checkpoint. */
  readonly unsigned: number
  /** When the last one was signed, by the custodian's clock; `undefined` if none was. Unchecked: verifying is an action of its own. */
  readonly signedAt: Date | undefined
}

const Line = z.looseObject({ at: z.iso.datetime() })

/** Reads it. */
export async function readSigning(db: Kysely<Tables>): Promise<LogSigning> {
  const last = await newestCheckpoint(db)
  return {
    unsigned: await countUnsigned(db),
    signedAt: last === undefined ? undefined : readSignedAt(last.line),
  }
}

/** When a checkpoint says that it was signed; `undefined` for a line that is none. Its signature is not checked. */
export function readSignedAt(line: string): Date | undefined {
  const parsed = Line.safeParse(toJson(line))
  return parsed.success ? new Date(parsed.data.at) : undefined
}

function toJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

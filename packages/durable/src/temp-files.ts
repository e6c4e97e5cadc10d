/**
 * Temporary names in the final file's folder, and the removal of temporary files of killed processes.
 * @module
 */

import { randomBytes } from "node:crypto"
import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { DAY_MS } from "@nightlight/core"
import { processToken, TOKEN_PATTERN, tokenState } from "./process-token.ts"

const TEMP = new RegExp(`^\\.tmp-(${TOKEN_PATTERN})-[0-9a-f]{12}$`)

/** After this time, a temporary file of another host or an earlier boot counts as abandoned. */
export const FOREIGN_TEMP_AGE_MS = DAY_MS

/** A unique name that {@link removeStaleTemps} recognises. */
export function tempName(): string {
  return `.tmp-${processToken()}-${randomBytes(6).toString("hex")}`
}

/**
 * Removes the temporary files of ended processes from one folder, not from its subfolders. Those of running processes
 * are kept; those of another host or an earlier boot are kept for a day.
 *
 * @returns the number of removed files.
 */
export async function removeStaleTemps(dir: string): Promise<number> {
  let removed = 0
  for (const name of await readdir(dir)) {
    const token = TEMP.exec(name)?.[1]
    if (token === undefined) continue
    const path = join(dir, name)
    const state = tokenState(token)
    if (state === "running") continue
    if (state === "elsewhere" && !(await isOld(path))) continue
    await rm(path, { force: true })
    removed++
  }
  return removed
}

async function isOld(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > FOREIGN_TEMP_AGE_MS
  } catch {
    return false
  }
}

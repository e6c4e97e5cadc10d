import { readdirSync } from "node:fs"
import { hasCode } from "@nightlight/core"

/** Returns the names in a folder; empty where the folder does not exist yet. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (hasCode(error, "ENOENT")) return []
    throw error
  }
}

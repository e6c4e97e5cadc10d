import { readdirSync } from "node:fs"
import { hasCode } from "@nightlight/core"

/** Names what lies in a folder; nothing where there is no such folder yet. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (hasCode(error, "ENOENT")) return []
    throw error
  }
}

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { hasCode } from "@nightlight/core"
import { appendCheckpoints } from "@nightlight/vault/audit"
import { type CopyPlace, copyFault } from "./types.ts"

/** A folder on other storage, with `checkpoints.ndjson`, to which lines are appended. */
export function folderPlace(name: string, dir: string): CopyPlace {
  const path = join(dir, "checkpoints.ndjson")
  const read = async (): Promise<readonly string[]> => {
    try {
      return (await readFile(path, "utf8")).split("\n").filter((line) => line !== "")
    } catch (error) {
      if (hasCode(error, "ENOENT")) return []
      throw copyFault("unreachable")
    }
  }
  return {
    name,
    read,
    async put({ line }) {
      // It may have been written without being recorded.
      if ((await read()).includes(line)) return undefined
      await appendCheckpoints(path, [`${line}\n`]).catch(() => {
        throw copyFault("unreachable")
      })
      return undefined
    },
  }
}

import { rm } from "node:fs/promises"
import { errnoOf, toWriteError } from "../durable/io-errors.ts"
import { syncDir } from "../durable/write-file.ts"

/**
 * Removes files of one folder, in order, and waits until their absence is on disk.
 *
 * @returns Whether any was there.
 * @throws {DependencyError} `write_failed`.
 */
export async function removeFiles(dir: string, paths: readonly string[]): Promise<boolean> {
  let found = false
  try {
    for (const path of paths) {
      const gone = await rm(path).catch((error: unknown) => {
        if (errnoOf(error) === "ENOENT") return "absent" as const
        throw error
      })
      found ||= gone !== "absent"
    }
    await syncDir(dir)
  } catch (error) {
    throw toWriteError(error, "sealed evidence")
  }
  return found
}

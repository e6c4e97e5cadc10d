import { DependencyError, hasCode } from "@nightlight/core"
import { type HeldLock, holdLock } from "@nightlight/durable"

const TAKEN_AFTER_MS = 1_000

/**
 * Locks a data folder for this process, until it is released or the process ends in any way.
 *
 * @param lockDir - A folder for the lock's files alone.
 * @throws {DependencyError} `locked` if another process runs an installation there.
 */
export function holdDataFolder(lockDir: string): Promise<HeldLock> {
  return holdLock(lockDir, { timeoutMs: TAKEN_AFTER_MS }).catch((error: unknown) => {
    if (!hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "nightlight already runs on this data folder", {
      hint: "Stop the other one, or give this one another folder by --data.",
    })
  })
}

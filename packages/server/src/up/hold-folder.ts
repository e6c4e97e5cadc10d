import { DependencyError, hasCode } from "@nightlight/core"
import { withLock } from "@nightlight/vault/durable"

/** A folder that is held until it is given back. */
export interface FolderHold {
  release(): Promise<void>
}

/**
 * Takes a data folder for this process, until it is released or the process ends, however it ends.
 *
 * @param lockDir - A folder for the lock's files alone.
 * @throws {DependencyError} `locked` if another process runs an installation there.
 */
export async function holdDataFolder(lockDir: string): Promise<FolderHold> {
  const given = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const holding = withLock(
    lockDir,
    () => {
      held.resolve()
      return given.promise
    },
    { timeoutMs: 1_000 },
  )
  holding.catch((error: unknown) => held.reject(error))
  try {
    await held.promise
  } catch (error) {
    if (!hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "nightlight already runs on this data folder", {
      hint: "Stop the other one, or give this one another folder by --data.",
    })
  }
  return {
    release: async () => {
      given.resolve()
      await holding
    },
  }
}

import { DependencyError, hasCode } from "@nightlight/core"
import { withLock } from "@nightlight/vault/durable"
import type { Layout } from "./layout.ts"
import { readPostmasterFile } from "./leftovers.ts"
import { serverProcess } from "./processes.ts"

/** A holder on another host, or of an earlier boot, is believed for a minute after its last sign. */
const FOREIGN_WAIT_MS = 75_000
const TRY_MS = 500

/** A lock held until it is given back. */
export interface Hold {
  release(): Promise<void>
}

/**
 * Takes a data folder for this process, until it is released or the process ends, however it ends.
 *
 * @throws {DependencyError} `locked` if another process, or this one, runs a server there.
 */
export async function holdFolder(layout: Layout): Promise<Hold> {
  const deadline = performance.now() + FOREIGN_WAIT_MS
  for (;;) {
    try {
      return await tryHold(layout.lock)
    } catch (error) {
      if (!hasCode(error, "locked")) throw error
      const file = await readPostmasterFile(layout.cluster)
      const runs = file !== undefined && (await serverProcess(file.pid, layout.cluster)) !== undefined
      if (runs || performance.now() > deadline) {
        throw new DependencyError("locked", "a database server already runs on this data folder", {
          hint: "Stop the other process that started it, or give this one another data folder.",
        })
      }
    }
  }
}

function tryHold(lockDir: string): Promise<Hold> {
  const done = Promise.withResolvers<void>()
  return new Promise((resolve, reject) => {
    const holding = withLock(
      lockDir,
      () => {
        resolve({
          release: () => {
            done.resolve()
            return holding
          },
        })
        return done.promise
      },
      { timeoutMs: TRY_MS },
    )
    holding.catch(reject)
  })
}

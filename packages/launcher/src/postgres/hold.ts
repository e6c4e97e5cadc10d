import { DependencyError, hasCode } from "@nightlight/core"
import { type HeldLock, holdLock } from "@nightlight/durable"
import type { Layout } from "./layout.ts"
import { readPostmasterFile } from "./leftovers.ts"
import { serverProcess } from "./processes.ts"

/** A lock held on another host, or since an earlier boot, stays valid for a minute after its last renewal. */
const FOREIGN_WAIT_MS = 75_000
const TRY_MS = 500

/**
 * Locks a data folder for this process, until it is released or the process ends in any way.
 *
 * @throws {DependencyError} `locked` if another process, or this one, runs a server there.
 */
export async function holdFolder(layout: Layout): Promise<HeldLock> {
  const deadline = performance.now() + FOREIGN_WAIT_MS
  for (;;) {
    try {
      return await holdLock(layout.lock, { timeoutMs: TRY_MS })
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

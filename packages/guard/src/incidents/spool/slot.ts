/**
 * A folder of one guard's own below the spool's: several guards may stand on one workspace.
 * @module
 */
import { join } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { ensureDirPrivate, holdLock } from "@nightlight/durable"

const MAX_SLOTS = 64
const TAKEN_AFTER_MS = 20

/** A folder that is ours until it is released. */
export interface Slot {
  readonly dir: string
  /** Whether it is ours still: while this process slept, another guard may have taken it over. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

/**
 * Takes the first folder that no running guard has. What a guard that is gone left in it is ours to go on with.
 *
 * @throws {DependencyError} `locked` when all are taken; `disk_full`, `write_failed`.
 */
export async function takeSlot(root: string): Promise<Slot> {
  await ensureDirPrivate(root)
  for (let slot = 0; slot < MAX_SLOTS; slot++) {
    const dir = join(root, String(slot))
    await ensureDirPrivate(dir)
    const lock = await holdLock(join(dir, ".lock"), { timeoutMs: TAKEN_AFTER_MS }).catch(unlessTaken)
    if (lock === undefined) continue
    // A lock that was taken away while this process slept has nothing left to give back.
    const release = () => lock.release().catch(() => undefined)
    return { dir, isHeld: () => lock.isHeld(), release }
  }
  throw new DependencyError("locked", `${MAX_SLOTS} guards work on this spool already`)
}

function unlessTaken(error: unknown): undefined {
  if (!hasCode(error, "locked")) throw error
}

/**
 * One guard's own folder below the spool's, since several guards may share a workspace.
 * @module
 */
import { join } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { ensureDirPrivate, holdLock } from "@nightlight/durable"

const MAX_SLOTS = 64
const TAKEN_AFTER_MS = 20

/** A folder that this guard holds until it releases it. */
export interface Slot {
  readonly dir: string
  /** Whether this guard still holds it: while the process slept, another guard may have taken it over. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

/**
 * Takes the first folder that no running guard holds, with the records that a stopped guard left in it.
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
    // A lock that was taken over while this process slept cannot be released.
    const release = () => lock.release().catch(() => undefined)
    return { dir, isHeld: () => lock.isHeld(), release }
  }
  throw new DependencyError("locked", `${MAX_SLOTS} guards already use this spool`)
}

function unlessTaken(error: unknown): undefined {
  if (!hasCode(error, "locked")) throw error
}

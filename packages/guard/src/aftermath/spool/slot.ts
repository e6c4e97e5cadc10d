/**
 * A folder of one guard's own below the spool's: several guards may stand on one workspace.
 * @module
 */
import { join } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { ensureDirPrivate, type HeldLock, withLock } from "@nightlight/vault/durable"

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
    const held = await hold(join(dir, ".lock"))
    if (held !== undefined) return { dir, ...held }
  }
  throw new DependencyError("locked", `${MAX_SLOTS} guards work on this spool already`)
}

/** Takes a lock and keeps it until it is released; `undefined` where another process has it. */
async function hold(lockDir: string): Promise<Omit<Slot, "dir"> | undefined> {
  const until = Promise.withResolvers<undefined>()
  const taken = Promise.withResolvers<HeldLock>()
  const held: Promise<undefined> = withLock(
    lockDir,
    (lock) => {
      taken.resolve(lock)
      return until.promise
    },
    { timeoutMs: TAKEN_AFTER_MS },
  )
  const lock = await Promise.race([taken.promise, held]).catch((error: unknown) => {
    if (hasCode(error, "locked")) return undefined
    throw error
  })
  if (lock === undefined) return undefined
  // A lock that was taken away while this process slept has nothing left to give back.
  const released = held.catch(() => undefined)
  return {
    isHeld: () => lock.isHeld(),
    release: async () => {
      until.resolve(undefined)
      await released
    },
  }
}

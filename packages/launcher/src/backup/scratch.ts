/**
 * Scratch folders for databases of restores and drills, in the data folder so that a rename can move them. The next
 * restore or drill removes the remains of a killed one.
 * @module
 */
import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { ensureDirPrivate, type HeldLock, holdLock } from "@nightlight/durable"
import { layoutOf } from "../postgres/layout.ts"
import { stopLeftovers } from "../postgres/leftovers.ts"

/** Name of a restore's scratch folder in a data folder. */
export const RESTORING = /^restoring-[A-Za-z0-9.-]{1,60}$/

const DRILLING = /^drilling-[A-Za-z0-9.-]{1,60}$/

/** Path of a restore's scratch folder. */
export function restoreWorkDir(dataDir: string, stamp: string): string {
  return join(dataDir, `restoring-${stamp}`)
}

/** Removes the remains of killed restores. The caller must hold the data folder's lock. */
export function removeUnfinishedRestores(dataDir: string): Promise<void> {
  return removeScratch(dataDir, RESTORING)
}

/** A drill's scratch folder, held by a lock: one drill at a time runs on a data folder. */
export interface DrillFolder extends AsyncDisposable {
  /** Does not exist yet. Removed at the end, with its neighbours whose names begin with it. */
  readonly workDir: string
}

const TAKEN_AFTER_MS = 1_000

/**
 * Takes the drill lock and removes the remains of a killed drill: its folder, and a server that still runs there.
 *
 * @throws {DependencyError} `locked` while another drill runs; `write_failed`, `disk_full`.
 */
export async function openDrillFolder(dataDir: string): Promise<DrillFolder> {
  await ensureDirPrivate(join(dataDir, "run"))
  const lock = await holdLock(join(dataDir, "run", "drill.lock"), { timeoutMs: TAKEN_AFTER_MS }).catch(sayBusy)
  const clear = () => removeScratch(dataDir, DRILLING)
  try {
    await clear()
  } catch (error) {
    await lock.release()
    throw error
  }
  return {
    workDir: join(dataDir, `drilling-${process.pid}`),
    [Symbol.asyncDispose]: async () => {
      try {
        await clear()
      } finally {
        await lock.release()
      }
    },
  }
}

function sayBusy(error: unknown): HeldLock {
  if (!hasCode(error, "locked")) throw error
  throw new DependencyError("locked", "another drill runs on this data folder", { hint: "Wait until it has ended." })
}

async function removeScratch(dataDir: string, pattern: RegExp): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!pattern.test(name)) continue
    const dir = join(dataDir, name)
    // PostgreSQL keeps running after its parent was killed.
    await stopLeftovers(layoutOf(dir).cluster)
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

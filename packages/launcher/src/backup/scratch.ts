/**
 * Folders in which databases are made that are not yet, or never, the installation's: beside it, so that a rename moves
 * them. What a killed process left of them is removed by the next of its kind.
 * @module
 */
import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { ensureDirPrivate, type HeldLock, holdLock } from "@nightlight/durable"
import { layoutOf } from "../postgres/layout.ts"
import { stopLeftovers } from "../postgres/leftovers.ts"

/** Name of a restore's folder, in a data folder. */
export const RESTORING = /^restoring-[A-Za-z0-9.-]{1,60}$/

const DRILLING = /^drilling-[A-Za-z0-9.-]{1,60}$/

/** Path of the folder that a restore works in. */
export function restoreWorkDir(dataDir: string, stamp: string): string {
  return join(dataDir, `restoring-${stamp}`)
}

/** Removes what a killed restore left unfinished. The caller holds the data folder. */
export function removeUnfinishedRestores(dataDir: string): Promise<void> {
  return removeScratch(dataDir, RESTORING)
}

/** A drill's folder, and the right to make drills in a data folder. */
export interface DrillFolder extends AsyncDisposable {
  /** Does not exist yet; removed at the end, with what lies beside it under its name. */
  readonly workDir: string
}

const TAKEN_AFTER_MS = 1_000

/**
 * Takes the right to make a drill, and removes what a killed one left: its folder, and a server that still runs there.
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
    // PostgreSQL outlives a killed process that started it.
    await stopLeftovers(layoutOf(dir).cluster)
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

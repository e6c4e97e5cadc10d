/**
 * Disk space reserved for blocks that are in progress when the disk fills up: a file that is then deleted.
 * @module
 */
import { randomFillSync } from "node:crypto"
import { open, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { NightlightError, shareRun } from "@nightlight/core"
import { writeAll } from "@nightlight/durable"

/** Disk space held in reserve. */
export interface DiskReserve {
  /** Whether the space is reserved. */
  readonly isKept: boolean
  /** Runs work that writes; when the disk is full, releases the space and runs the work once more. */
  lend<T>(work: () => Promise<T>): Promise<T>
  /** Reserves the space again, unless lent work is in progress. Resolves to whether it is reserved. */
  restore(): Promise<boolean>
}

const CHUNK = 1024 * 1024

/**
 * Reserves disk space in a folder, taking over what an earlier run reserved.
 *
 * @param bytes - Size; 0 reserves none.
 */
export async function keepDiskReserve(dir: string, bytes: number): Promise<DiskReserve> {
  const path = join(dir, "disk-reserve")
  let isKept = bytes === 0 || (await sizeOf(path)) === bytes
  let lent = 0

  async function fill(): Promise<boolean> {
    // The space belongs to work in progress, which may be about to need it.
    if (isKept || lent > 0) return isKept
    try {
      await rm(path, { force: true })
      const file = await open(path, "wx", 0o600)
      try {
        // Random, because some file systems store nothing for zeros.
        const chunk = randomFillSync(Buffer.alloc(Math.min(CHUNK, bytes)))
        for (let left = bytes; left > 0; left -= chunk.length) await writeAll(file, chunk.subarray(0, left))
        await file.sync()
      } finally {
        await file.close()
      }
      isKept = true
    } catch {
      await rm(path, { force: true }).catch(() => undefined)
    }
    return isKept
  }

  const filling = shareRun(fill)

  async function lend<T>(work: () => Promise<T>): Promise<T> {
    lent++
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof NightlightError) || error.code !== "disk_full" || bytes === 0) throw error
      // A file that is still being filled keeps its space even when it is removed.
      await filling.current
      // Another call may have released it just now, so there is space for this one, too.
      isKept = false
      await rm(path, { force: true })
      return await work()
    } finally {
      lent--
    }
  }

  await filling.start()
  return {
    get isKept() {
      return isKept
    },
    lend,
    restore: filling.start,
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}

/**
 * Whether there is room to write: for the database, which reports it when a write fails, and for sealed evidence, whose
 * folder is checked. A full disk is checked again until there is room.
 * @module
 */
import { statfs } from "node:fs/promises"
import { DependencyError, hasCode } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import type { Tables } from "./tables.ts"

/** `database`, `evidence`: that disk is full, and nothing can be stored. */
export type DiskHealth = "ready" | "database" | "evidence"

/** Watches for full disks, and refuses writing calls while the database's disk is full. */
export interface DiskSpace {
  /** Records an error that a call ended with: `disk_full` starts the checks. */
  note(error: unknown): void
  /** Refuses a call that would write while the database is full, since each failed try takes some of its last room. */
  assertRoom(): void
  state(): Promise<DiskHealth>
  close(): void
}

/** Dependencies of {@link createDiskSpace}. */
export interface DiskSpaceDeps {
  readonly db: Kysely<Tables>
  /** A folder on the same disk as sealed evidence; it may not exist yet. */
  readonly folder: string
  /** Interval of the checks, milliseconds; 2,000 by default. */
  readonly retryMs?: number
}

/** With less free space than this a sealed file would not fit. */
const LEAST_FREE_BYTES = 16 * 1024 * 1024
const RETRY_MS = 2_000

/** Queries the database only after a write failed for lack of space, and then every `retryMs` until there is room. */
export function createDiskSpace({ db, folder, retryMs = RETRY_MS }: DiskSpaceDeps): DiskSpace {
  let isDatabaseFull = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const ask = async () => {
    timer = undefined
    try {
      await sql`SELECT assert_disk_space()`.execute(db)
      isDatabaseFull = false
    } catch (error) {
      // If the database cannot be reached, its disk is unknown; its own health shows that.
      isDatabaseFull = hasCode(error, "disk_full") || (isDatabaseFull && hasCode(error, "unavailable"))
    }
    if (isDatabaseFull) schedule()
  }
  const schedule = () => {
    if (isClosed || timer !== undefined) return
    timer = setTimeout(() => void ask(), retryMs)
    timer.unref()
  }
  return {
    note: (error) => {
      if (!hasCode(error, "disk_full") || isDatabaseFull) return
      // Either disk may be full: both are checked at once.
      void ask()
    },
    assertRoom: () => {
      if (isDatabaseFull) {
        throw new DependencyError("disk_full", "the database's disk is full: nothing can be written", {
          details: { retryAfterSeconds: Math.ceil(retryMs / 1000) },
        })
      }
    },
    state: async () => {
      if (isDatabaseFull) return "database"
      const free = await statfs(folder).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => Number.POSITIVE_INFINITY,
      )
      return free < LEAST_FREE_BYTES ? "evidence" : "ready"
    },
    close: () => {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

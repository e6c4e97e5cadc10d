/**
 * Whether there is room to write: for the database, of which a write that failed tells, and for sealed evidence, whose
 * folder is looked at. What is full is asked again until there is room.
 * @module
 */
import { statfs } from "node:fs/promises"
import { DependencyError, hasCode } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import type { Tables } from "./tables.ts"

/** `database`, `evidence`: that is full, and nothing can be taken in. */
export type DiskHealth = "ready" | "database" | "evidence"

/** Room on the disks. */
export interface DiskSpace {
  /** Takes notice of an error that a call ended with: `disk_full` begins the asking. */
  note(error: unknown): void
  /** Refuses a call that would write while the database is full: each try that fails takes some of its last room. */
  assertRoom(): void
  state(): Promise<DiskHealth>
  close(): void
}

export interface DiskSpaceDeps {
  readonly db: Kysely<Tables>
  /** Folder that sealed evidence is on the same disk with; it may not be there yet. */
  readonly folder: string
  /** How often it is asked again, milliseconds; 2,000 unless given. */
  readonly retryMs?: number
}

/** With less than this free a sealed file would not fit. */
const LEAST_FREE_BYTES = 16 * 1024 * 1024
const RETRY_MS = 2_000

/** Makes it. Asks the database nothing while nothing failed. */
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
      // One that cannot be reached says nothing of its disk; its own health does.
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
      // Of the evidence's disk or the database's: asked at once.
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

/**
 * Structured logs of the processes: one file each, 0600, of limited size.
 * @module
 */
import { type FileHandle, open } from "node:fs/promises"
import { join } from "node:path"
import { ensureDirPrivate, toWriteError } from "@nightlight/durable"
import { boundLog } from "../postgres/log-file.ts"

/** Maximum size of a log before it is moved aside. */
const LOG_BYTES_MAX = 16 * 1024 * 1024
const CHECK_MS = 60_000

/** Open log files. */
export interface LogFiles {
  /** File descriptor of a process's log. */
  of(name: string): number
  close(): Promise<void>
}

/**
 * Opens the log files of processes for appending.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function openLogFiles(dir: string, names: readonly string[]): Promise<LogFiles> {
  const files = new Map<string, FileHandle>()
  const pathOf = (name: string) => join(dir, `${name}.log`)
  try {
    await ensureDirPrivate(dir)
    for (const name of names) {
      await boundLog(pathOf(name), LOG_BYTES_MAX)
      files.set(name, await open(pathOf(name), "a", 0o600))
    }
  } catch (error) {
    throw toWriteError(error, "the logs")
  }
  const timer = setInterval(() => {
    for (const name of names) void boundLog(pathOf(name), LOG_BYTES_MAX).catch(() => undefined)
  }, CHECK_MS)
  timer.unref()
  return {
    of: (name) => files.get(name)?.fd ?? 2,
    close: async () => {
      clearInterval(timer)
      for (const file of files.values()) await file.close()
    },
  }
}

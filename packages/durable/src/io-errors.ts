/**
 * Turns file system errors into Nightlight's own. The system's messages quote paths, so they are not passed on.
 * @module
 */
import { DependencyError, NightlightError } from "@nightlight/core"

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"])

/** The `errno` name of a file system error, such as `ENOENT`; `unknown` for anything else. */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === "string" ? code : "unknown"
}

/** Whether `NewFile.create` failed because the name was taken. */
export function isTaken(error: unknown): boolean {
  return error instanceof NightlightError && error.details["errno"] === "EEXIST"
}

/**
 * Turns a failed write into the error to throw. Returns a `NightlightError` unchanged.
 *
 * @param what - what was being written, for the message; no path.
 * @returns `disk_full` for a full disk, an exhausted quota or a file size limit, else `write_failed`; `details.errno`
 * has the errno name.
 */
export function toWriteError(error: unknown, what: string): NightlightError {
  if (error instanceof NightlightError) return error
  const errno = errnoOf(error)
  if (FULL.has(errno)) {
    return new DependencyError("disk_full", `no space left while writing ${what}`, {
      details: { errno },
      hint: "Free some space and run the same command again: no half-written file is left.",
    })
  }
  return new DependencyError("write_failed", `could not write ${what} (${errno})`, { details: { errno } })
}

/**
 * Turns a failed read into the error to throw. Returns a `NightlightError` unchanged.
 *
 * @param what - what was being read, for the message; no path.
 */
export function toReadError(error: unknown, what: string): NightlightError {
  if (error instanceof NightlightError) return error
  const errno = errnoOf(error)
  return new DependencyError("source_unreadable", `could not read ${what} (${errno})`, { details: { errno } })
}

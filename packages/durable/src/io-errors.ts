/**
 * What the file system says, in Nightlight's words. A foreign message quotes paths, so none is passed on.
 * @module
 */
import { DependencyError, NightlightError } from "@nightlight/core"

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"])

/** The `errno` name of a file system error, such as `ENOENT`; `unknown` for anything else. */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === "string" ? code : "unknown"
}

/** Whether a new file's name was taken, as `NewFile.create` says it. */
export function isTaken(error: unknown): boolean {
  return error instanceof NightlightError && error.details["errno"] === "EEXIST"
}

/**
 * Turns a failed write into the error to throw. An error of ours is returned as it is.
 *
 * @param what - What was being written, in our own words: it becomes part of the message.
 * @returns `disk_full` for a full disk, an exhausted quota or a file size limit, else `write_failed`; the errno name
 *   stands in `details.errno`.
 */
export function toWriteError(error: unknown, what: string): NightlightError {
  if (error instanceof NightlightError) return error
  const errno = errnoOf(error)
  if (FULL.has(errno)) {
    return new DependencyError("disk_full", `no space left while writing ${what}`, {
      details: { errno },
      hint: "Free some space and run the same command again: nothing was left half-written.",
    })
  }
  return new DependencyError("write_failed", `could not write ${what} (${errno})`, { details: { errno } })
}

/**
 * Turns a failed read into the error to throw. An error of ours is returned as it is.
 *
 * @param what - What was being read, in our own words.
 */
export function toReadError(error: unknown, what: string): NightlightError {
  if (error instanceof NightlightError) return error
  const errno = errnoOf(error)
  return new DependencyError("source_unreadable", `could not read ${what} (${errno})`, { details: { errno } })
}

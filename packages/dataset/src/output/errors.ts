import { DependencyError, hasCode, NightlightError } from "@nightlight/core"

/**
 * Runs a file operation on the output. What the system says stays out of the message: it may name an item.
 *
 * @throws {DependencyError} `disk_full` or `write_failed`; errors of our own pass as they are.
 */
export async function writing<T>(operation: () => T | Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw toWriteError(error)
  }
}

/** Translates what a write can throw. */
export function toWriteError(error: unknown): unknown {
  if (error instanceof NightlightError || (error instanceof Error && error.name === "AbortError")) return error
  if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).syscall !== "string") return error
  const isFull = hasCode(error, "ENOSPC") || hasCode(error, "EDQUOT")
  return isFull
    ? new DependencyError("disk_full", "the disk of the clean copy is full", {
        hint: "Nothing of this shard was left behind. Make room, then run the same command again.",
      })
    : new DependencyError("write_failed", "the clean copy cannot be written", {
        details: { reason: (error as NodeJS.ErrnoException).code ?? "unknown" },
      })
}

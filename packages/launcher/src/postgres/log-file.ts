import { copyFile, type FileHandle, open, stat, truncate } from "node:fs/promises"
import { toWriteError } from "@nightlight/durable"

/** Maximum size of the log before it is moved aside. Two files exist, so twice this on disk. */
export const LOG_BYTES_MAX = 4 * 1024 * 1024

/** Interval between checks of the size. */
export const LOG_CHECK_MS = 60_000

/** Opens the log for appending, 0600. The server writes to it directly, so that no reader can block it. */
export async function openLog(path: string): Promise<FileHandle> {
  try {
    await boundLog(path, LOG_BYTES_MAX)
    return await open(path, "a", 0o600)
  } catch (error) {
    throw toWriteError(error, "the database's log")
  }
}

/**
 * Copies a log larger than `maxBytes` to `<path>.1`, replacing an earlier one, and empties it. Writers append and so
 * continue in the emptied file. A line written meanwhile may be lost.
 */
export async function boundLog(path: string, maxBytes: number): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size <= maxBytes) return
  await copyFile(path, `${path}.1`)
  await truncate(path)
}

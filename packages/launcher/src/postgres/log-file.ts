import { copyFile, type FileHandle, open, stat, truncate } from "node:fs/promises"
import { toWriteError } from "@nightlight/durable"

/** The log may grow this far before its older half is set aside: two files, so twice this on disk. */
export const LOG_BYTES_MAX = 4 * 1024 * 1024

/** How often the size is looked at. */
export const LOG_CHECK_MS = 60_000

/** Opens the log for appending, 0600. The server writes into it directly, so no reader can hold it up. */
export async function openLog(path: string): Promise<FileHandle> {
  try {
    await boundLog(path, LOG_BYTES_MAX)
    return await open(path, "a", 0o600)
  } catch (error) {
    throw toWriteError(error, "the database's log")
  }
}

/**
 * Sets a log that has grown beyond `maxBytes` aside as `<path>.1`, in place of an earlier one, and empties it. Writers
 * go on in the emptied file: they append. A line written meanwhile may be lost.
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

import { syncDir, toWriteError } from "@nightlight/durable"

/** What is written here, in an error's words. */
export const WHAT = "the clean copy"

/**
 * Runs a file operation on the output. What the system says stays out of the message: it may name an item.
 *
 * @throws {DependencyError} `disk_full` or `write_failed`; what is no refusal of the system passes as it is.
 */
export async function writing<T>(operation: () => T | Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    const isOfSystem = error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string"
    throw isOfSystem ? toWriteError(error, WHAT) : error
  }
}

/** Makes renames in a folder durable. @throws {DependencyError} `write_failed`. */
export async function syncFolder(folder: string | Buffer): Promise<void> {
  await writing(() => syncDir(folder))
}

import { syncDir, toWriteError } from "@nightlight/durable"

/** The name of the output in error messages. */
export const OUTPUT_NAME = "the clean copy"

/**
 * Runs a file operation on the output. The system's message is left out, because it may name an item.
 *
 * @throws {DependencyError} `disk_full` or `write_failed`; an error that is not the file system's is passed on.
 */
export async function writing<T>(operation: () => T | Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    const isOfSystem = error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string"
    throw isOfSystem ? toWriteError(error, OUTPUT_NAME) : error
  }
}

/** Makes renames in a folder durable. @throws {DependencyError} `write_failed`. */
export async function syncFolder(folder: string | Buffer): Promise<void> {
  await writing(() => syncDir(folder))
}

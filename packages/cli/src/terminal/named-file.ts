/**
 * Files and folders that the caller named.
 * @module
 */
import { stat } from "node:fs/promises"
import { hasCode, RequestError } from "@nightlight/core"

/** Refuses a named file that does not exist, before it is reported as an unusable key. */
export async function assertNamedFile(path: string, option: string): Promise<void> {
  await stat(path).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT") && !hasCode(error, "ENOTDIR")) return
    throw new RequestError("not_found", `the file ${path}, which ${option} names, does not exist`)
  })
}

/**
 * Refuses a file where a folder is expected; a folder that is missing may be made.
 *
 * @param option - The option that named it.
 * @throws {RequestError} `input_invalid`.
 */
export async function assertNoFile(path: string, option: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || found.isDirectory()) return
  throw new RequestError("input_invalid", `${path} is a file, but ${option} needs a folder`)
}

import { rm } from "node:fs/promises"
import { RequestError } from "@nightlight/core"
import { errnoOf, exists, syncDir, toWriteError, withLock } from "@nightlight/durable"
import { digestFile, evidencePaths, isEvidenceId } from "./files.ts"

/**
 * Removes files of one folder, if there is such a folder, in order, and waits until their absence is on disk.
 *
 * @returns Whether any of them existed.
 * @throws {DependencyError} `write_failed`.
 */
export async function removeFiles(dir: string, paths: readonly string[]): Promise<boolean> {
  let found = false
  try {
    for (const path of paths) {
      const gone = await rm(path).catch((error: unknown) => {
        if (errnoOf(error) === "ENOENT") return "absent" as const
        throw error
      })
      found ||= gone !== "absent"
    }
    if (await exists(dir)) await syncDir(dir)
  } catch (error) {
    throw toWriteError(error, "sealed evidence")
  }
  return found
}

/**
 * Removes one piece of evidence and its row for good, and waits until that is on disk.
 *
 * @param dir - Evidence folder.
 * @returns Whether anything existed.
 * @throws {RequestError} `input_invalid` if the id is malformed.
 * @throws {DependencyError} `write_failed`, `locked`; also if the caller has no permission to write.
 */
export async function removeEvidence(dir: string, evidenceId: string): Promise<boolean> {
  const paths = evidencePaths(dir, assertId(evidenceId))
  return withLock(paths.lock, () => removeFiles(paths.folder, [paths.ciphertext, paths.pending, paths.row]))
}

/**
 * Digests a sealed file without opening it.
 *
 * @returns SHA-256, hexadecimal; `undefined` if there is no such file.
 * @throws {RequestError} `input_invalid` if the id is malformed.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function sealedDigest(dir: string, evidenceId: string): Promise<string | undefined> {
  return (await digestFile(evidencePaths(dir, assertId(evidenceId)).ciphertext))?.sha256
}

function assertId(evidenceId: string): string {
  if (isEvidenceId(evidenceId)) return evidenceId
  throw new RequestError("input_invalid", "expected an evidence id of 4 to 128 letters, digits, _ and -")
}

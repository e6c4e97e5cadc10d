/**
 * Folders `v000001`, `v000002`, ...: each is completed under a temporary name, then renamed, and never changed
 * afterwards.
 * @module
 */
import { randomUUID } from "node:crypto"
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { toWriteError, withLock } from "@nightlight/durable"
import { attempt, OUTPUT_NAME, syncFolder } from "./files.ts"

const VERSION = /^v(\d{6,9})$/
const UNFINISHED = ".new-"

/** Path of a version's folder. */
export function versionFolder(folder: string, version: number): string {
  return join(folder, `v${String(version).padStart(6, "0")}`)
}

/** The versions in a folder, lowest first; none where the folder is absent. */
export function versionsIn(folder: string): number[] {
  return namesIn(folder)
    .flatMap((name) => {
      const version = Number(VERSION.exec(name)?.[1])
      return version > 0 ? [version] : []
    })
    .sort((a, b) => a - b)
}

/** The names in a folder; none where it is absent. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw new DependencyError("source_unreadable", "cannot read the folder of lists")
  }
}

/** Makes a folder, and its parents, readable by the owner only. @throws {DependencyError} `write_failed`. */
export function makeFolder(folder: string): void {
  attempt(() => mkdirSync(folder, { recursive: true, mode: 0o700 }))
}

/**
 * Starts a version's folder and removes what a killed writer left behind. The caller holds the folder's lock.
 *
 * @returns its temporary path, until {@link commitVersion}.
 */
export function beginVersion(folder: string): string {
  makeFolder(folder)
  for (const name of namesIn(folder)) if (name.startsWith(UNFINISHED)) remove(join(folder, name))
  const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`)
  makeFolder(unfinished)
  return unfinished
}

/**
 * Renames a finished folder to its version, in one step.
 *
 * @throws {DependencyError} `locked` when that version already exists because another writer was faster.
 */
export async function commitVersion(unfinished: string, folder: string, version: number): Promise<void> {
  await syncFolder(unfinished)
  try {
    renameSync(unfinished, versionFolder(folder, version))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== "EEXIST" && code !== "ENOTEMPTY") throw toWriteError(error, OUTPUT_NAME)
    throw new DependencyError("locked", "another process created this version first")
  }
  await syncFolder(folder)
}

/**
 * Runs `work` under an exclusive lock on a name in a folder. Correctness does not depend on the lock, because a version
 * is made by renaming a folder to a name that must be free.
 *
 * @param lockedName - name of the changed object in an error.
 * @throws {DependencyError} `locked` at once while another process holds the lock.
 */
export function changeAlone<T>(folder: string, name: string, lockedName: string, work: () => Promise<T>): Promise<T> {
  return withLock(join(folder, `.${name}.lock`), work, { timeoutMs: 0, lockedName })
}

/** Removes a file or folder, present or not. @throws {DependencyError} `write_failed`. */
export function remove(path: string): void {
  attempt(() => rmSync(path, { recursive: true, force: true }))
}

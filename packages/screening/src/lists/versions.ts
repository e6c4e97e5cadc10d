/**
 * Folders `v000001`, `v000002`, ...: each made whole under another name and then renamed, never changed afterwards.
 * @module
 */
import { randomUUID } from "node:crypto"
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { attempt, syncFolder, writeError } from "./files.ts"

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

/** Makes a folder, and those above it, that only its owner reads. @throws {DependencyError} `write_failed`. */
export function makeFolder(folder: string): void {
  attempt(() => mkdirSync(folder, { recursive: true, mode: 0o700 }))
}

/**
 * Starts a version's folder; what a killed writer left of others is removed. For the holder of the folder's lock.
 *
 * @returns its path until {@link commitVersion}.
 */
export function beginVersion(folder: string): string {
  makeFolder(folder)
  for (const name of namesIn(folder)) if (name.startsWith(UNFINISHED)) remove(join(folder, name))
  const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`)
  makeFolder(unfinished)
  return unfinished
}

/**
 * Makes a finished folder the version, in one step.
 *
 * @throws {DependencyError} `locked` when that version exists already: another writer was faster.
 */
export function commitVersion(unfinished: string, folder: string, version: number): void {
  syncFolder(unfinished)
  try {
    renameSync(unfinished, versionFolder(folder, version))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== "EEXIST" && code !== "ENOTEMPTY") throw writeError(error)
    throw new DependencyError("locked", "another process made this version first")
  }
  syncFolder(folder)
}

/** Removes a file or folder, present or not. @throws {DependencyError} `write_failed`. */
export function remove(path: string): void {
  attempt(() => rmSync(path, { recursive: true, force: true }))
}

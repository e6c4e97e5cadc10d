/**
 * Notices when a file of the configuration changes.
 * @module
 */

import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { repeat } from "../running/repeat.ts"

/** Digests of the files' contents, by path. */
export type SeenFiles = ReadonlyMap<string, string>

/** A watch over the configuration's files. */
export interface FileWatch {
  /** Sets the watched files and the contents with which they were loaded. */
  follow(seen: SeenFiles): void
  /** Stops after a change in progress. */
  close(): Promise<void>
}

/**
 * Compares the files at intervals. Rewritten files, files renamed into place and changed links are all noticed, on any
 * file system.
 *
 * @param onChange - called after a change with the new digests; not again before it has finished.
 */
export function watchFiles(everyMs: number, onChange: (seen: SeenFiles) => Promise<void>): FileWatch {
  let followed: SeenFiles = new Map()
  const check = async (): Promise<void> => {
    const before = followed
    const now = await digestFiles([...before.keys()])
    if ([...now].every(([file, digest]) => before.get(file) === digest)) return
    followed = now
    await onChange(now)
  }
  const checking = repeat(everyMs, check)
  return {
    follow: (seen) => {
      followed = seen
    },
    close: () => checking.close(),
  }
}

/**
 * Digests files.
 *
 * @param seen - digests taken before the files were loaded; they are kept, so that a change since is noticed.
 */
export async function digestFiles(files: readonly string[], seen: SeenFiles = new Map()): Promise<SeenFiles> {
  const digests = new Map<string, string>()
  for (const file of files) digests.set(file, seen.get(file) ?? (await digestOf(file)))
  return digests
}

async function digestOf(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => undefined)
  return bytes === undefined ? "missing" : createHash("sha256").update(bytes).digest("hex")
}

/**
 * Notices that a file of the configuration changed.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"

/** What files held: digests by path. */
export type SeenFiles = ReadonlyMap<string, string>

/** Watches files. */
export interface FileWatch {
  /** Which files count from now on, and what they held when they were loaded. */
  follow(seen: SeenFiles): void
  /** Ends after the change that is under way. */
  close(): Promise<void>
}

/**
 * Looks at the files every so often: what is written anew, renamed into place or changed through a link is noticed
 * alike, on any file system.
 *
 * @param onChange - called after a change with what was seen; not again before it is done.
 */
export function watchFiles(everyMs: number, onChange: (seen: SeenFiles) => Promise<void>): FileWatch {
  let followed: SeenFiles = new Map()
  let looking: Promise<void> | undefined
  const look = async (): Promise<void> => {
    const before = followed
    const now = await digestFiles([...before.keys()])
    if ([...now].every(([file, digest]) => before.get(file) === digest)) return
    followed = now
    await onChange(now)
  }
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined
    })
  }, everyMs)
  timer.unref()
  return {
    follow: (seen) => {
      followed = seen
    },
    close: async () => {
      clearInterval(timer)
      await looking
    },
  }
}

/**
 * Digests files.
 *
 * @param seen - digests that were taken before the files were loaded: they stand, so that a change since is noticed.
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

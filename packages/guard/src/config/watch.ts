/**
 * Notices that a file of the configuration changed.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"

/** Watches files. */
export interface FileWatch {
  /** Which files count from now on. */
  follow(files: readonly string[]): Promise<void>
  close(): void
}

/**
 * Looks at the files every so often: what is written anew, renamed into place or changed through a link is noticed
 * alike, on any file system.
 *
 * @param onChange - called after a change; not again before it is done.
 */
export function watchFiles(everyMs: number, onChange: () => Promise<void>): FileWatch {
  let followed: readonly string[] = []
  let seen = ""
  let busy = false
  const look = async (): Promise<void> => {
    if (busy || followed.length === 0) return
    busy = true
    try {
      const now = await digestOf(followed)
      if (now === seen) return
      seen = now
      await onChange()
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return {
    follow: async (files) => {
      followed = files
      seen = await digestOf(files)
    },
    close: () => clearInterval(timer),
  }
}

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256")
  for (const file of files) {
    const bytes = await readFile(file).catch(() => undefined)
    hash.update(bytes === undefined ? "missing" : `${bytes.length}:`)
    if (bytes !== undefined) hash.update(bytes)
  }
  return hash.digest("hex")
}

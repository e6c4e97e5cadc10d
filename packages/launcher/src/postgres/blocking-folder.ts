import { stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"

/** User and group ids of an unprivileged process, as the file system stores them. */
export interface Actor {
  readonly uid: number
  readonly gid: number
}

/**
 * Finds the folder that keeps a user from reaching a path: the first one, from the root down, whose permission bits
 * forbid entering. Access control lists are ignored.
 *
 * @returns The folder; `undefined` if each one down to and including `path` can be entered.
 */
export async function blockingFolder(path: string, actor: Actor): Promise<string | undefined> {
  for (const folder of ancestry(resolve(path))) {
    const { mode, uid, gid } = await stat(folder)
    const enter = uid === actor.uid ? 0o100 : gid === actor.gid ? 0o010 : 0o001
    if ((mode & enter) === 0) return folder
  }
  return undefined
}

/** A path and all folders above it, from the root down. */
function ancestry(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [...ancestry(parent), path]
}

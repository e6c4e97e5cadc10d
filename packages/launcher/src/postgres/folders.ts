import { chmod, chown, lchown, realpath, stat } from "node:fs/promises"
import { ensureDirPrivate, toWriteError } from "@nightlight/durable"
import type { Identity } from "./identity.ts"

/** Lets a second user pass through the data folder to its own files, without listing or changing it. */
const PASS_THROUGH = 0o710

/**
 * Makes or checks the data folder. It belongs to this process's user. A second user that runs the server may only pass
 * through, so that it cannot place a link where a privileged process writes.
 *
 * @returns The folder's path without links.
 * @throws {RequestError} `config_invalid` if others may enter it.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function ensureDataDir(dataDir: string, identity: Identity): Promise<string> {
  if (identity.kind !== "user" || !(await isPassThrough(dataDir, identity.gid))) await ensureDirPrivate(dataDir)
  try {
    if (identity.kind === "user") {
      await chown(dataDir, process.getuid?.() ?? 0, identity.gid)
      await chmod(dataDir, PASS_THROUGH)
    }
    return await realpath(dataDir)
  } catch (error) {
    throw toWriteError(error, "the database's data folder")
  }
}

async function isPassThrough(dataDir: string, gid: number): Promise<boolean> {
  const found = await stat(dataDir).catch(() => undefined)
  return found?.isDirectory() === true && found.gid === gid && (found.mode & 0o777) === PASS_THROUGH
}

/** Gives a file or folder to the second user, if one runs the server. Does not follow links. */
export async function giveTo(identity: Identity, path: string): Promise<void> {
  if (identity.kind === "user") await lchown(path, identity.uid, identity.gid)
}

/**
 * Gives a folder and all that lies in it to a user. What lies in it may belong to somebody who wants root to give away
 * something else: every name is looked up in a folder that is held open, no link is followed, and a file with
 * a second name, which may lie elsewhere, is given only where the system lets nobody make one for a file of root's.
 * @module
 */
import { constants, type Stats } from "node:fs"
import { type FileHandle, lstat, open, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { errnoOf, toWriteError } from "@nightlight/durable"

/** Whom an entry belongs to, and its permission bits. */
export interface Owning {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** Says whom an entry is to belong to; `undefined` leaves it, and a folder's content, as it is. */
export type OwningOf = (path: string, kind: "folder" | "file") => Owning | undefined

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants

/**
 * Owns a folder or a file. Folders come after what lies in them, so that what an interrupted call left is done by the
 * next one. Links, sockets and devices stay as they are, and so does what is right already.
 *
 * @param path - Below folders that root alone can write; what is missing is left out.
 * @throws {RequestError} `config_invalid` if the system has no `/proc`.
 * @throws {DependencyError} `write_failed`.
 */
export async function ownTree(path: string, owningOf: OwningOf): Promise<void> {
  try {
    await own(path, path, owningOf)
  } catch (error) {
    throw toWriteError(error, "the owner of a file")
  }
}

/** Whether the kernel keeps users from giving a second name to a file that they could not write. */
export async function areLinksProtected(): Promise<boolean> {
  const text = await readFile("/proc/sys/fs/protected_hardlinks", "latin1").catch(() => "")
  return text.trim() === "1"
}

/** @param at - How the system reaches it now. @param path - What it is called. */
async function own(at: string, path: string, owningOf: OwningOf): Promise<void> {
  const found = await lstat(at).catch(unlessGone)
  if (found === undefined || !(found.isDirectory() || found.isFile())) return
  const owning = owningOf(path, found.isDirectory() ? "folder" : "file")
  if (owning === undefined) return
  const handle = await open(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | (found.isDirectory() ? O_DIRECTORY : 0)).catch(
    unlessGone,
  )
  if (handle === undefined) return
  try {
    const opened = await handle.stat()
    if (opened.dev !== found.dev || opened.ino !== found.ino) return
    if (opened.isDirectory()) {
      const held = `/proc/self/fd/${handle.fd}`
      const names = await readdir(`${held}/`).catch((error: unknown) => {
        if (errnoOf(error) !== "ENOENT") throw error
        throw new RequestError("config_invalid", "users of their own need a system with /proc")
      })
      for (const name of names) await own(join(held, name), join(path, name), owningOf)
    } else if (opened.nlink > 1 && !(opened.uid === 0 && (await areLinksProtected()))) return
    await give(handle, opened, owning)
  } finally {
    await handle.close()
  }
}

async function give(handle: FileHandle, found: Stats, { uid, gid, mode }: Owning): Promise<void> {
  if (found.uid !== uid || found.gid !== gid) await handle.chown(uid, gid)
  // A change of owner clears set-id bits.
  if (((await handle.stat()).mode & 0o7777) !== mode) await handle.chmod(mode)
}

/** What was removed or exchanged meanwhile is nobody's to give. */
function unlessGone(error: unknown): undefined {
  if (["ENOENT", "ELOOP", "ENOTDIR", "ENXIO"].includes(errnoOf(error) ?? "")) return undefined
  throw error
}

/**
 * Gives a folder and everything in it to a user. Its owner may try to make root give away another file, so every name
 * is looked up in a folder that is held open, no link is followed, and a file with several hard links is given only if
 * the system protects root's files from being linked.
 * @module
 */
import { constants, type Stats } from "node:fs"
import { type FileHandle, lstat, open, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { errnoOf, toWriteError } from "@nightlight/durable"

/** Owner and permission bits of an entry. */
export interface Owning {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** Decides the owner of an entry; `undefined` leaves it, and a folder's content, unchanged. */
export type OwningOf = (path: string, kind: "folder" | "file") => Owning | undefined

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants

/**
 * Sets the owners of a folder or a file. A folder comes after its content, so that the next call finishes an
 * interrupted one. Links, sockets, devices and entries with the right owner stay unchanged.
 *
 * @param path - Only root may write the folders above it. A missing path is ignored.
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

/** Whether the kernel forbids users to hard-link files that they cannot write. */
export async function areLinksProtected(): Promise<boolean> {
  const text = await readFile("/proc/sys/fs/protected_hardlinks", "latin1").catch(() => "")
  return text.trim() === "1"
}

/** @param at - Path by the open folder. @param path - Its name for `owningOf`. */
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
        throw new RequestError("config_invalid", "separate OS users need a system with /proc")
      })
      for (const name of names) await own(join(held, name), join(path, name), owningOf)
    } else if (opened.nlink > 1 && !(opened.uid === 0 && (await areLinksProtected()))) return
    await setOwner(handle, opened, owning)
  } finally {
    await handle.close()
  }
}

async function setOwner(handle: FileHandle, found: Stats, { uid, gid, mode }: Owning): Promise<void> {
  if (found.uid !== uid || found.gid !== gid) await handle.chown(uid, gid)
  // Changing the owner clears set-id bits.
  if (((await handle.stat()).mode & 0o7777) !== mode) await handle.chmod(mode)
}

/** Ignores the errors of entries that were removed or replaced meanwhile. */
function unlessGone(error: unknown): undefined {
  if (["ENOENT", "ELOOP", "ENOTDIR", "ENXIO"].includes(errnoOf(error) ?? "")) return undefined
  throw error
}

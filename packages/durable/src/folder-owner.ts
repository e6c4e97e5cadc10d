/**
 * Files that root writes for a service: whoever owns the folder is to be able to read them.
 * @module
 */
import { type FileHandle, lchown, stat } from "node:fs/promises"
import { dirname } from "node:path"

/** A folder so marked is arranged for one group to read what is sealed in it: set-group-id, `rwxr-x---`. */
const SHARED = 0o2750

/** Whether a folder is arranged for one group to read. */
export function isForGroup(mode: number): boolean {
  return (mode & 0o7777) === SHARED
}

/** Gives a file that root has just created to the owner of its folder; does nothing for anybody else. */
export async function giveToFolderOwner(handle: FileHandle, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(dirname(path))
  if (uid !== 0) await handle.chown(uid, gid)
}

/** As {@link giveToFolderOwner}, for a folder that root has just made. */
export async function giveFolderToOwner(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(dirname(path))
  if (uid !== 0) await lchown(path, uid, gid)
}

/** Lets the group of a folder that is arranged for it read a sealed file; elsewhere the file stays its owner's alone. */
export async function shareSealed(handle: FileHandle, path: string): Promise<void> {
  await giveToFolderOwner(handle, path)
  const { mode, gid } = await stat(dirname(path))
  if (isForGroup(mode) && (await handle.stat()).gid === gid) await handle.chmod(0o640)
}

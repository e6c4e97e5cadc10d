/**
 * Makes files that root writes for a service readable by the owner of their folder.
 * @module
 */
import { type FileHandle, lchown, stat } from "node:fs/promises"
import { dirname } from "node:path"

/** Mode of a folder whose group may read the sealed files in it: set-group-id, `rwxr-x---`. */
const SHARED = 0o2750

/** Whether a folder's mode lets one group read its sealed files. */
export function isForGroup(mode: number): boolean {
  return (mode & 0o7777) === SHARED
}

/** Gives a file that root just created to the owner of its folder; does nothing for other users. */
export async function giveToFolderOwner(handle: FileHandle, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(dirname(path))
  if (uid !== 0) await handle.chown(uid, gid)
}

/** Like {@link giveToFolderOwner}, for a folder that root just created. */
export async function giveFolderToOwner(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(dirname(path))
  if (uid !== 0) await lchown(path, uid, gid)
}

/** Lets the group of a folder with mode {@link SHARED} read a sealed file; in other folders only the owner can. */
export async function shareSealed(handle: FileHandle, path: string): Promise<void> {
  await giveToFolderOwner(handle, path)
  const { mode, gid } = await stat(dirname(path))
  if (isForGroup(mode) && (await handle.stat()).gid === gid) await handle.chmod(0o640)
}

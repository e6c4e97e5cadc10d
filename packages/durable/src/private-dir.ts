import { chmod, mkdir, readdir, stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { RequestError } from "@nightlight/core"
import { giveFolderToOwner, isForGroup } from "./folder-owner.ts"
import { errnoOf, toWriteError } from "./io-errors.ts"
import { syncDir } from "./write-file.ts"

const OTHERS = 0o077
/** Mode of a folder inside one that a group may read. */
const SHARED_INSIDE = 0o750

/**
 * Creates a folder, with missing parents, that only its owner can enter (0700). An existing empty folder is restricted
 * to its owner; a folder with content that others may enter is refused, because others may rely on it or may have
 * changed it. What root creates in another user's folder belongs to that user.
 *
 * @param options - `mayBeShared`: whether the folder may be readable by a group (mode 2750).
 * @throws {RequestError} `config_invalid` if the name is not a folder, or is a folder with content that others may
 * enter.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function ensureDirPrivate(dir: string, options: { readonly mayBeShared?: boolean } = {}): Promise<void> {
  const path = resolve(dir)
  try {
    const firstMade = await mkdir(path, { recursive: true, mode: 0o700 })
    if (firstMade !== undefined) return await giveAndSyncMade(path, resolve(firstMade))
    const found = await stat(path)
    if (!found.isDirectory()) throw notPrivate("is not a folder", "Choose another folder, or move the file away.")
    if ((found.mode & OTHERS) === 0 || (options.mayBeShared === true && isForGroup(found.mode))) return
    if ((await readdir(path)).length > 0) {
      throw notPrivate("can be entered by other users", "Check its content, then run chmod 700 on it.")
    }
    await chmod(path, 0o700)
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EEXIST" || error.code === "ENOTDIR")) {
      throw notPrivate("is not a folder", "Choose another folder, or move the file away.")
    }
    throw toWriteError(error, "a folder")
  }

  function notPrivate(problem: string, hint: string): RequestError {
    return new RequestError("config_invalid", `${path} ${problem}`, { hint })
  }
}

/**
 * Creates a folder inside an existing one, for those who may enter that: its owner, and its group where that may read
 * it. What root creates belongs to the owner of the parent.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function ensureDirLikeParent(dir: string): Promise<void> {
  try {
    const isNew = await mkdir(dir, { mode: 0o700 }).then(
      () => true,
      (error: unknown) => {
        if (errnoOf(error) === "EEXIST") return false
        throw error
      },
    )
    if (isNew) await giveFolderToOwner(dir)
    const [parent, made] = [await stat(dirname(dir)), await stat(dir)]
    // The process that made it may have been killed before this.
    const isShared = (made.mode & 0o777) === SHARED_INSIDE
    if (isForGroup(parent.mode) && parent.gid === made.gid && !isShared) await chmod(dir, SHARED_INSIDE)
    if (isNew) await syncDir(dirname(dir))
  } catch (error) {
    throw toWriteError(error, "a folder")
  }
}

/** Gives every folder that `mkdir` made its parent's owner, then syncs the parents from the deepest up. */
async function giveAndSyncMade(deepest: string, first: string): Promise<void> {
  for (const made of madeFolders(deepest, first).reverse()) await giveFolderToOwner(made)
  for (const made of madeFolders(deepest, first)) await syncDir(dirname(made))
}

function madeFolders(deepest: string, first: string): string[] {
  return deepest.length > first.length ? [deepest, ...madeFolders(dirname(deepest), first)] : [deepest]
}

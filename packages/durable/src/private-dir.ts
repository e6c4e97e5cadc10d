import { chmod, mkdir, readdir, stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { RequestError } from "@nightlight/core"
import { giveFolderToOwner, isForGroup } from "./folder-owner.ts"
import { toWriteError } from "./io-errors.ts"
import { syncDir } from "./write-file.ts"

const OTHERS = 0o077

/**
 * Makes sure that a folder exists and that its owner alone can enter it (0700), with missing parents. An existing empty
 * folder is narrowed; one that holds something and is open to others is refused: others may have relied on it, or
 * reached into it.
 * What root makes in somebody's folder is theirs.
 *
 * @param options - `mayBeShared`: whether the folder may be one that its owner arranged for a group to read (2750).
 * @throws {RequestError} `config_invalid` if the name is not a folder, or is a used one that others may enter.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function ensureDirPrivate(dir: string, options: { readonly mayBeShared?: boolean } = {}): Promise<void> {
  const path = resolve(dir)
  try {
    const firstMade = await mkdir(path, { recursive: true, mode: 0o700 })
    if (firstMade !== undefined) return await settleMade(path, resolve(firstMade))
    const found = await stat(path)
    if (!found.isDirectory()) throw notPrivate("is not a folder", "Choose another place or move the file away.")
    if ((found.mode & OTHERS) === 0 || (options.mayBeShared === true && isForGroup(found.mode))) return
    if ((await readdir(path)).length > 0) {
      throw notPrivate("can be entered by other users", "Run chmod 700 on it after looking at what it holds.")
    }
    await chmod(path, 0o700)
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EEXIST" || error.code === "ENOTDIR")) {
      throw notPrivate("is not a folder", "Choose another place or move the file away.")
    }
    throw toWriteError(error, "a folder")
  }

  function notPrivate(problem: string, hint: string): RequestError {
    return new RequestError("config_invalid", `${path} ${problem}`, { hint })
  }
}

/** Syncs the parent of every folder that `mkdir` made, from the deepest up, once each has the owner of its parent. */
async function settleMade(deepest: string, first: string): Promise<void> {
  for (const made of madeFolders(deepest, first).reverse()) await giveFolderToOwner(made)
  for (const made of madeFolders(deepest, first)) await syncDir(dirname(made))
}

function madeFolders(deepest: string, first: string): string[] {
  return deepest.length > first.length ? [deepest, ...madeFolders(dirname(deepest), first)] : [deepest]
}

/**
 * A claim on the folder of a clean copy: while one scan writes to it, no other scan of any workspace does.
 * @module
 */
import { mkdirSync, readdirSync, rmdirSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { holdLock, removeLeftLock } from "@nightlight/durable"
import { writing } from "./errors.ts"

/** Name of the claim in the output, and beginning of the names of what is left of earlier ones. */
const CLAIM = ".nightlight-claim"

/** Whether a name in an output is that of a claim, which is no part of the copy. */
export function isClaim(name: string): boolean {
  return name === CLAIM || name.startsWith(`${CLAIM}.`)
}

/**
 * Claims an output until disposed, and makes the folder where it is missing. The claim of a process that ended counts no
 * more. Once disposed, nothing of it is left, nor a folder that was made for it and is still empty.
 *
 * @throws {DependencyError} `locked` if another scan writes to it; `write_failed`, `disk_full`.
 */
export async function claimOutput(outDir: string): Promise<AsyncDisposable> {
  const out = resolve(outDir)
  const first = await writing(() => mkdirSync(out, { recursive: true }))
  const made = first === undefined ? [] : foldersBetween(out, resolve(first))
  const lock = await holdLock(join(out, CLAIM), { timeoutMs: 0, isTemporary: true }).catch((error: unknown) => {
    if (!hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "another scan writes to the output folder", {
      hint: "Wait for it and run the same command again, or choose another --out.",
    })
  })
  // Left by processes that were killed while they gave a claim back.
  for (const name of readdirSync(out)) {
    if (name !== CLAIM && isClaim(name)) await removeLeftLock(join(out, name))
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await lock.release()
      for (const folder of made) if (!removeIfEmpty(folder)) break
    },
  }
}

/**
 * Removes what a killed process left of its claim; that of one that runs stays.
 *
 * @throws {DependencyError} `write_failed`.
 */
export async function removeLeftClaim(outDir: string): Promise<void> {
  if (!readdirSync(outDir).some(isClaim)) return
  try {
    await using _ = await claimOutput(outDir)
  } catch (error) {
    if (!hasCode(error, "locked")) throw error
  }
}

/** Folders from the deepest up to the first that was made. */
function foldersBetween(deepest: string, first: string): readonly string[] {
  return deepest.length > first.length ? [deepest, ...foldersBetween(dirname(deepest), first)] : [deepest]
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return basename(folder) === ""
  }
}

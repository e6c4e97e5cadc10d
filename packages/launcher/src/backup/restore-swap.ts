/**
 * Replaces the current database by a restored one, in two renames. If the process is killed between them, the next start
 * on the folder finishes them first.
 * @module
 */
import { readFile, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { IntegrityError, tryParseJson } from "@nightlight/core"
import { errnoOf, exists, syncDir, toReadError, toWriteError, writeFileAtomic } from "@nightlight/durable"
import { z } from "zod"
import { RESTORING } from "./scratch.ts"

/** Note that a restored folder is complete and is to replace the database. */
const SWAP = "restore-swap.json"

const Swap = z.strictObject({
  from: z.string().regex(RESTORING),
  aside: z.string().regex(/^postgres-before-[A-Za-z0-9.-]{1,60}$/),
})

/**
 * Moves the current database aside and puts a restored one in its place.
 *
 * @returns New path of the old database; `undefined` if there was none.
 * @throws {DependencyError} `disk_full`, `write_failed`: the same call, or the next start, continues.
 */
export async function swapIn(dataDir: string, stamp: string): Promise<string | undefined> {
  const swap = { from: `restoring-${stamp}`, aside: `postgres-before-${stamp}` }
  await writeFileAtomic(join(dataDir, SWAP), `${JSON.stringify(swap)}\n`, 0o600)
  await finishSwap(dataDir)
  return (await exists(join(dataDir, swap.aside))) ? join(dataDir, swap.aside) : undefined
}

/**
 * Finishes an interrupted {@link swapIn}, if there is one. Must be called with the folder's lock, before a database is
 * started on it.
 *
 * @throws {IntegrityError} `backup_untrusted` if its note is damaged.
 * @throws {DependencyError} `write_failed`, `source_unreadable`.
 */
export async function finishSwap(dataDir: string): Promise<void> {
  const swap = await readSwap(dataDir)
  if (swap === undefined) return
  const postgres = join(dataDir, "postgres")
  const from = join(dataDir, swap.from)
  const aside = join(dataDir, swap.aside)
  try {
    // Each step was done or not; `from` exists until the last one.
    if (await exists(from)) {
      if ((await exists(postgres)) && !(await exists(aside))) await rename(postgres, aside)
      await syncDir(dataDir)
      await rename(from, postgres)
      await syncDir(dataDir)
    }
    await rm(join(dataDir, SWAP))
    await syncDir(dataDir)
  } catch (error) {
    throw toWriteError(error, "the database's folder")
  }
}

async function readSwap(dataDir: string): Promise<z.infer<typeof Swap> | undefined> {
  const text = await readFile(join(dataDir, SWAP), "utf8").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined
    throw toReadError(error, "the note of a restore")
  })
  if (text === undefined) return undefined
  const parsed = Swap.safeParse(tryParseJson(text))
  if (!parsed.success) throw new IntegrityError("backup_untrusted", `the note of a restore is damaged: ${SWAP}`)
  return parsed.data
}

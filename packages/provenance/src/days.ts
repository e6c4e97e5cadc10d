/**
 * Files of the log: one for each day and writer, named `2026-11-24.0123456789abcdef.ndjson`.
 * @module
 */

import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { DAY_MS, DependencyError, hasCode, utcDay } from "@nightlight/core"

const NAME = /^(\d{4}-\d{2}-\d{2})\.[0-9a-f]{16}\.ndjson$/

/** Paths and days of the log's files, oldest first; empty where there is no log. */
export async function dayFiles(dir: string): Promise<readonly { readonly path: string; readonly day: string }[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return []
    throw new DependencyError("source_unreadable", "the generation log cannot be read")
  })
  return names
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => {
      const day = NAME.exec(name)?.[1]
      return day === undefined ? [] : [{ path: join(dir, name), day }]
    })
}

/** Removes the files of days whose retention has passed. Returns the number of files. */
export async function removeExpired(dir: string, retentionDays: number, now: Date): Promise<number> {
  const first = utcDay(new Date(now.getTime() - retentionDays * DAY_MS))
  const expired = (await dayFiles(dir)).filter(({ day }) => day < first)
  for (const { path } of expired) await rm(path, { force: true })
  return expired.length
}

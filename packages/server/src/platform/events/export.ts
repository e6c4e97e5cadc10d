/**
 * Writes the log as a folder in the form that vault's `verifyAuditLog` reads: `000000000001.ndjson` and
 * `checkpoints.ndjson`.
 * @module
 */
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { ensureDirPrivate, isTaken, NewFile } from "@nightlight/durable"
import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"

const PAGE = 5_000

/**
 * Exports the log and its checkpoints unchecked: the reader verifies them.
 *
 * @param dir - Made when missing; must hold no export yet.
 * @returns How many events were written.
 * @throws {RequestError} `state_conflict` if there is an export already.
 * @throws {DependencyError} `disk_full`, `write_failed`, `unavailable`.
 */
export async function exportLog(db: Kysely<Tables>, dir: string): Promise<number> {
  await ensureDirPrivate(dir)
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (trx) => {
      const count = await writeLines(join(dir, "000000000001.ndjson"), eventLines(trx))
      await writeLines(join(dir, "checkpoints.ndjson"), checkpointLines(trx))
      return count
    })
}

/** All lines of the log, a page at a time, without newlines. */
export async function* eventLines(db: Kysely<Tables>): AsyncGenerator<readonly string[]> {
  for (let after = "0"; ; ) {
    const rows = await db
      .selectFrom("events")
      .select(["seq", "line"])
      .where("seq", ">", after)
      .orderBy("seq")
      .limit(PAGE)
      .execute()
    if (rows.length > 0) yield rows.map(({ line }) => line)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = last.seq
  }
}

/** The checkpoints' lines, without newlines. */
export async function* checkpointLines(db: Kysely<Tables>): AsyncGenerator<readonly string[]> {
  const rows = await db.selectFrom("event_checkpoints").select("line").orderBy("restarts").orderBy("seq").execute()
  if (rows.length > 0) yield rows.map(({ line }) => line)
}

async function writeLines(path: string, pages: AsyncIterable<readonly string[]>): Promise<number> {
  let count = 0
  await using file = await NewFile.create(path, { what: "the exported log" }).catch((error: unknown) => {
    if (!isTaken(error)) throw error
    throw new RequestError("state_conflict", "this folder already contains an export")
  })
  for await (const lines of pages) {
    await file.write(Buffer.from(`${lines.join("\n")}\n`))
    count += lines.length
  }
  await file.finish()
  return count
}

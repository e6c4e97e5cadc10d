/**
 * Verifying the log and the whole database against it.
 * @module
 */
import { execFile } from "node:child_process"
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { TEST_AUTHORITY } from "@nightlight/dev-env/database/authority"
import { startPostgres } from "@nightlight/launcher/postgres"
import { migrate } from "../packages/server/src/platform/db/migrate.ts"
import { openDatabase } from "../packages/server/src/platform/db/pool.ts"
import type { Tables } from "../packages/server/src/platform/db/tables.ts"
import { EVENTS_PER_CASE, writeLog } from "./audit-material.ts"
import type { BenchRow } from "./row.ts"

const EVENTS = 100_000
const FEWER = 5
/** So many times the events may take this much more than so many times the time. */
const SLACK = 2
const MEMORY_MB = 500
const SECONDS = 60
const VERIFY = join(import.meta.dirname, "audit-verify.ts")

interface Measured {
  readonly ok: boolean
  readonly seconds: number
  readonly bytes: number
}

/** Measures it at 100,000 events and at a fifth of them: time, and all memory of a process that does nothing else. */
export async function benchVerify(): Promise<BenchRow[]> {
  const few = await measure(EVENTS / FEWER)
  const many = await measure(EVENTS)
  const said = ({ seconds, bytes }: Measured) => `${seconds.toFixed(1)} s, ${Math.round(bytes / 1e6)} MB`
  const isLinear = many.seconds <= few.seconds * FEWER * SLACK
  return [
    {
      what: `audit verify, ${EVENTS} events, ${EVENTS / EVENTS_PER_CASE} cases with all that they hold`,
      measured: `${said(many)}; a fifth of them ${said(few)}`,
      atLeast: `<= ${SECONDS} s, <= ${MEMORY_MB} MB, <= ${FEWER * SLACK} times a fifth`,
      ok: many.seconds <= SECONDS && many.bytes <= MEMORY_MB * 1e6 && isLinear,
      note: "resident memory of the whole process; PostgreSQL on the same cores",
    },
  ]
}

async function measure(events: number): Promise<Measured> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nl-bench-")))
  const postgres = await startPostgres({ dataDir: folder })
  try {
    await migrate(postgres.owner)
    const database = openDatabase<Tables>(postgres.app, TEST_AUTHORITY)
    try {
      await writeLog(database.kysely, events / EVENTS_PER_CASE)
    } finally {
      await database.close()
    }
    const args = ["-C", "@nightlight/source", VERIFY, JSON.stringify(postgres.app)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const measured = JSON.parse(stdout) as Measured
    if (!measured.ok) throw new Error("the log that was made does not verify")
    return measured
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

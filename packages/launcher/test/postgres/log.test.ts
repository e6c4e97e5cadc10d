import { readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { queryAs, SOON } from "@nightlight/dev-env/database/query-as"
import { Client, type PoolConfig } from "pg"
import { expect, it } from "vitest"
import { boundLog } from "../../src/postgres/log-file.ts"
import { logOf, running, useDataDirs } from "../support/data-dirs.ts"

const dirs = useDataDirs()
const CANARY = "canary-7f3a1c"

/** Failing statements of every kind whose message, detail, context or parameters quote a value. */
const FAILING: readonly { readonly sql: string; readonly values?: readonly string[]; readonly code: string }[] = [
  { sql: `SELECT '${CANARY}'::uuid`, code: "22P02" },
  { sql: "SELECT $1::uuid", values: [CANARY], code: "22P02" },
  { sql: "SELECT $1::jsonb", values: [`{"a": ${CANARY}`], code: "22P02" },
  { sql: `SELECT * FROM "${CANARY}"`, code: "42P01" },
  { sql: "INSERT INTO held VALUES ($1)", values: [CANARY], code: "23505" },
  { sql: "INSERT INTO held VALUES ($1)", values: [`${CANARY} too long for it`], code: "23514" },
  { sql: `SELEKT '${CANARY}'`, code: "42601" },
  { sql: `DO $$ BEGIN RAISE EXCEPTION '${CANARY}'; END $$`, code: "P0001" },
]

async function codeOf(config: PoolConfig, sql: string, values: readonly string[]): Promise<unknown> {
  const client = new Client(config)
  await client.connect()
  try {
    return await client.query(sql, [...values]).then(
      () => "no error",
      (error: unknown) => (error as { code?: unknown }).code,
    )
  } finally {
    await client.end()
  }
}

it("keeps statements and values out of its log, also those of failing and crashing statements", async () => {
  const dataDir = await dirs.prepared("quiet")
  await using server = await running(dataDir)
  await queryAs(
    server.owner,
    "CREATE TABLE held (word text PRIMARY KEY CHECK (length(word) < 20))",
    `INSERT INTO held VALUES ('${CANARY}')`,
    `DO $$ BEGIN RAISE WARNING '${CANARY}'; END $$`,
  )
  for (const { sql, values = [], code } of FAILING) expect(await codeOf(server.owner, sql, values)).toBe(code)

  const crashing = new Client(server.owner)
  crashing.on("error", () => undefined)
  await crashing.connect()
  const { rows } = await crashing.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
  const pid = rows[0]!.pid
  const lost = crashing.query(`SELECT pg_sleep(600), '${CANARY}'`).catch(() => "lost")
  const asleep = `SELECT FROM pg_stat_activity WHERE pid = ${pid} AND wait_event = 'PgSleep'`
  await expect.poll(() => queryAs(server.superuser, asleep), SOON).toHaveLength(1)
  process.kill(pid, "SIGSEGV")
  expect(await lost).toBe("lost")
  await expect.poll(() => logOf(dataDir), SOON).toMatch(/terminated by signal 11.*ready to accept connections/s)

  const log = await logOf(dataDir)
  expect(log).not.toContain("canary")
  expect(log).not.toMatch(/held|uuid|SELE[CK]T|INSERT/)
})

it("moves a log that is too large aside and continues in an empty one, so that there are never more than two files", async () => {
  const dataDir = await dirs.fresh("log-size")
  const path = `${dataDir}.log`
  await writeFile(path, "a".repeat(100))
  await boundLog(path, 100)
  expect((await stat(path)).size).toBe(100)
  await writeFile(path, "b".repeat(101))
  await boundLog(path, 100)
  expect((await stat(path)).size).toBe(0)
  expect(await readFile(`${path}.1`, "utf8")).toBe("b".repeat(101))
})

it("limits the log at each start, and the server continues in the emptied file", async () => {
  const dataDir = await dirs.prepared("log-start")
  const path = join(dataDir, "postgres.log")
  await writeFile(path, "x".repeat(5 * 1024 * 1024))
  await using server = await running(dataDir)
  expect((await stat(path)).size).toBeLessThan(100_000)
  await boundLog(path, 1)
  await expect(queryAs({ ...server.app, password: "guess" }, "SELECT")).rejects.toMatchObject({ code: "28P01" })
  // The server appends, instead of writing at an old position after a hole.
  expect(await logOf(dataDir)).toMatch(/^\d{4}-.*password authentication failed/)
})

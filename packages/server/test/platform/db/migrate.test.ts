import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createDatabase } from "@nightlight/dev-env/database/postgres"
import { queryAs, SOON } from "@nightlight/dev-env/database/query-as"
import { Client } from "pg"
import { afterEach, beforeEach, expect, it } from "vitest"
import { migrate } from "../../../src/platform/db/migrate.ts"
import { MIGRATIONS_DIR, readMigrations } from "../../../src/platform/db/migration-files.ts"

let db: Awaited<ReturnType<typeof createDatabase>>
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "nl-"))
  db = await createDatabase({ migrated: false })
})
afterEach(async () => {
  await db.drop()
  await rm(dir, { recursive: true, force: true })
})

const put = (name: string, sql: string) => writeFile(join(dir, `${name}.sql`), sql)
const run = () => migrate(db.owner, { dir })
const words = () => queryAs(db.owner, "SELECT word FROM words ORDER BY at")
const recorded = () => queryAs(db.owner, "SELECT name FROM schema_migrations ORDER BY name")

async function putThree(): Promise<void> {
  await put("0001_words", "CREATE TABLE words (at serial, word text)")
  await put("0002_first", "INSERT INTO words (word) VALUES ('first'); INSERT INTO words (word) VALUES ('second');")
  await put("0010_later", "INSERT INTO words (word) VALUES ('third')")
}

it("applies each file once, in the order of the numbers", async () => {
  await putThree()
  expect(await run()).toEqual({ applied: ["0001_words", "0002_first", "0010_later"], before: 0 })
  expect(await words()).toEqual([{ word: "first" }, { word: "second" }, { word: "third" }])
  expect(await run()).toEqual({ applied: [], before: 3 })
  await put("0011_more", "INSERT INTO words (word) VALUES ('fourth')")
  expect(await run()).toEqual({ applied: ["0011_more"], before: 3 })
  expect(await words()).toHaveLength(4)
})

it("works once when several processes migrate at the same time", async () => {
  await putThree()
  const results = await Promise.all([run(), run(), run(), run()])
  expect(results.flatMap(({ applied }) => applied)).toHaveLength(3)
  expect(await words()).toHaveLength(3)
})

it("waits while another migrates, and is let in when that one's connection is gone", async () => {
  await putThree()
  const other = new Client(db.owner)
  await other.connect()
  await other.query("SELECT pg_advisory_lock(x'6e696768746c'::bigint)")
  const waiting = run()
  const blocked =
    "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
  await expect.poll(() => queryAs(db.superuser, blocked), SOON).toHaveLength(1)
  expect(await queryAs(db.superuser, "SELECT FROM pg_tables WHERE tablename = 'words'")).toEqual([])
  await other.end()
  expect((await waiting).applied).toHaveLength(3)
})

it("refuses a file that was changed after it was applied, and applies nothing", async () => {
  await putThree()
  await run()
  await put("0002_first", "INSERT INTO words (word) VALUES ('other')")
  await put("0011_more", "INSERT INTO words (word) VALUES ('fourth')")
  await expect(run()).rejects.toMatchObject({ code: "state_conflict", details: { migration: "0002_first" } })
  expect(await words()).toHaveLength(3)
})

it("refuses a database that a newer version made", async () => {
  await putThree()
  await run()
  await rm(join(dir, "0010_later.sql"))
  await expect(run()).rejects.toMatchObject({
    code: "state_conflict",
    message: "the database was made by a newer version of this program",
    details: { unknownMigrations: 1 },
  })
})

it("refuses a file whose number lies before one that was applied", async () => {
  await putThree()
  await run()
  await put("0003_between", "INSERT INTO words (word) VALUES ('between')")
  await expect(run()).rejects.toMatchObject({ code: "state_conflict", details: { migration: "0003_between" } })
  expect(await words()).toHaveLength(3)
})

it("undoes a failing file whole, keeps those before it, and goes on when it is mended", async () => {
  await putThree()
  await put("0003_broken", "INSERT INTO words (word) VALUES ('half');\n\nSELECT canary_column FROM words;\n")
  const failure = await run().catch((error: unknown) => error)
  expect(failure).toMatchObject({
    name: "DependencyError",
    message: "migration 0003_broken failed: the database refused a statement (42703)",
    details: { migration: "0003_broken", sqlState: "42703", line: 3 },
  })
  expect(JSON.stringify(failure)).not.toContain("canary")
  expect(await words()).toHaveLength(2)
  expect(await recorded()).toEqual([{ name: "0001_words" }, { name: "0002_first" }])
  await put("0003_broken", "INSERT INTO words (word) VALUES ('whole')")
  expect((await run()).applied).toEqual(["0003_broken", "0010_later"])
})

it("undoes a file that cannot be recorded", async () => {
  await put("0001_unrecorded", "CREATE TABLE words (at serial, word text); DROP TABLE schema_migrations")
  await expect(run()).rejects.toMatchObject({ details: { migration: "0001_unrecorded", sqlState: "42P01" } })
  expect(await queryAs(db.owner, "SELECT FROM pg_tables WHERE tablename = 'words'")).toEqual([])
  expect(await recorded()).toEqual([])
})

it("applies nothing of a file when it is killed in the middle of it", async () => {
  await put("0001_slow", "CREATE TABLE words (at serial, word text); SELECT pg_sleep(600)")
  const killed = run().catch((error: unknown) => error)
  const asleep = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
  await expect.poll(() => queryAs(db.superuser, asleep), SOON).toHaveLength(1)
  await queryAs(db.superuser, `SELECT pg_terminate_backend(pid) FROM (${asleep}) AS sleeping`)
  expect(await killed).toMatchObject({ name: "DependencyError", code: "unavailable" })
  expect(await queryAs(db.owner, "SELECT FROM pg_tables WHERE tablename = 'words'")).toEqual([])
  expect(await recorded()).toEqual([])
})

it.each([
  [["0001_one", "0001_other"], "two migrations have the number 0001"],
  [["1_one"], "1_one.sql is not named like 0001_what_it_does.sql"],
  [["0001_One"], "0001_One.sql is not named like 0001_what_it_does.sql"],
])("refuses the names %s", async (names, message) => {
  for (const name of names) await put(name, "SELECT")
  await expect(run()).rejects.toMatchObject({ code: "config_invalid", message })
})

it("says when the database cannot be reached", async () => {
  const nowhere = { ...db.owner, host: dir }
  await expect(migrate(nowhere, { dir })).rejects.toMatchObject({ name: "DependencyError", code: "unavailable" })
})

it("brings an empty database to this version, as its owner", async () => {
  const migrations = await readMigrations(MIGRATIONS_DIR)
  expect(migrations.length).toBeGreaterThan(0)
  expect((await migrate(db.owner)).applied).toEqual(migrations.map(({ name }) => name))
  for (const { name, sql } of migrations) {
    expect(sql).toBe(await readFile(join(MIGRATIONS_DIR, `${name}.sql`), "utf8"))
    // Each file is one transaction already.
    expect(sql).not.toMatch(/^\s*(COMMIT|ROLLBACK|START TRANSACTION)\b|\bCONCURRENTLY\b/im)
  }
})

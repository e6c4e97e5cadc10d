import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { queryAs, SOON } from "@nightlight/dev-env/database/query-as"
import { sql } from "kysely"
import { beforeAll, expect, it } from "vitest"
import { openDatabase } from "../../../src/platform/db/pool.ts"
import { inTransaction } from "../../../src/platform/db/transaction.ts"

interface Counted {
  counters: { id: string; n: number }
}

const db = useDatabase<Counted>({ migrated: false })

beforeAll(async () => {
  await queryAs(
    db.owner,
    "CREATE TABLE counters (id text PRIMARY KEY, n int NOT NULL)",
    "INSERT INTO counters VALUES ('a', 0), ('b', 0)",
    "GRANT SELECT, UPDATE ON counters TO nightlight_app",
  )
})

it("goes on after the server ended its idle connections", async () => {
  const own = openDatabase<Counted>({ ...db.app, application_name: "idle", max: 3 })
  const ask = () => own.kysely.selectFrom("counters").selectAll().execute()
  await Promise.all([ask(), ask(), ask()])
  const idle = "pg_stat_activity WHERE application_name = 'idle' AND datname = current_database()"
  await queryAs(db.superuser, `SELECT pg_terminate_backend(pid) FROM ${idle}`)
  await expect.poll(() => own.pool.totalCount, SOON).toBe(0)
  expect(await ask()).toHaveLength(2)
  await own.close()
})

it("says unavailable when the server ends a connection in use", async () => {
  const own = openDatabase<Counted>({ ...db.app, application_name: "in use" })
  const lost = sql`SELECT pg_sleep(600)`.execute(own.kysely).catch((error: unknown) => error)
  const asleep = "SELECT pid FROM pg_stat_activity WHERE application_name = 'in use' AND wait_event = 'PgSleep'"
  await expect.poll(() => queryAs(db.superuser, asleep), SOON).toHaveLength(1)
  await queryAs(db.superuser, `SELECT pg_terminate_backend(pid) FROM (${asleep}) AS sleeping`)
  expect(await lost).toMatchObject({ name: "DependencyError", code: "unavailable" })
  await own.close()
})

it("says unavailable when the server ended a connection between two queries of a transaction, and goes on", async () => {
  const own = openDatabase<Counted>({ ...db.app, application_name: "between", max: 1 })
  const between = own.kysely.transaction().execute(async (trx) => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(trx)
    await queryAs(db.superuser, `SELECT pg_terminate_backend(${rows[0]?.pid}, 20000)`)
    return sql`SELECT 1`.execute(trx)
  })
  await expect(between).rejects.toMatchObject({ name: "DependencyError", code: "unavailable" })
  expect(await own.kysely.selectFrom("counters").selectAll().execute()).toHaveLength(2)
  await own.close()
})

it("closes once, and answers nothing afterwards", async () => {
  const own = openDatabase<Counted>(db.app)
  await own.kysely.selectFrom("counters").selectAll().execute()
  await Promise.all([own.close(), own.close()])
  await own.close()
  await expect(own.pool.query("SELECT")).rejects.toThrow()
  const unused = openDatabase<Counted>(db.app)
  await unused.close()
  expect(unused.pool.ended).toBe(true)
})

it("repeats both halves of a deadlock until each is done once", async () => {
  const { kysely } = db.database
  const both = Promise.withResolvers<void>()
  let arrived = 0
  let attempts = 0
  const bump = (first: string, second: string) =>
    inTransaction(kysely, async (trx) => {
      attempts++
      const add = (id: string) => trx.updateTable("counters").set({ n: sql`n + 1` }).where("id", "=", id).execute()
      await add(first)
      arrived++
      if (arrived === 2) both.resolve()
      await both.promise
      await add(second)
    })
  await Promise.all([bump("a", "b"), bump("b", "a")])
  expect(await kysely.selectFrom("counters").selectAll().orderBy("id").execute()).toEqual([
    { id: "a", n: 2 },
    { id: "b", n: 2 },
  ])
  // The database may give up either of them, or, where both have waited long enough, both.
  expect(attempts).toBeGreaterThanOrEqual(3)
})

it("does not repeat what the work itself refuses, and rolls it back", async () => {
  const { kysely } = db.database
  const before = await kysely.selectFrom("counters").selectAll().orderBy("id").execute()
  let attempts = 0
  const refused = inTransaction(kysely, async (trx) => {
    attempts++
    await trx.updateTable("counters").set({ n: 1000 }).execute()
    throw new Error("refused by the work")
  })
  await expect(refused).rejects.toThrow("refused by the work")
  expect(attempts).toBe(1)
  expect(await kysely.selectFrom("counters").selectAll().orderBy("id").execute()).toEqual(before)
})

it("gives up after five serialisation failures and says that the database asks to try again", async () => {
  let attempts = 0
  const failing = inTransaction(db.database.kysely, async (trx) => {
    attempts++
    await sql`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = 'serialization_failure'; END $$`.execute(trx)
  })
  await expect(failing).rejects.toMatchObject({ code: "unavailable", details: { sqlState: "40001" } })
  expect(attempts).toBe(5)
})

import { inspect } from "node:util"
import { RequestError } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { beforeAll, describe, expect, it } from "vitest"
import { isRepeatable, toDatabaseError } from "../../../src/platform/db/errors.ts"
import { openDatabase } from "../../../src/platform/db/pool.ts"

const CANARY = "canary-5e21"
const db = useDatabase({ migrated: false })

beforeAll(async () => {
  await queryAs(
    db.owner,
    "CREATE TABLE held (id text PRIMARY KEY, parent text REFERENCES held, word text NOT NULL DEFAULT '' CHECK (word <> 'no'))",
    `INSERT INTO held (id) VALUES ('${CANARY}')`,
  )
})

const failing = (statement: string) =>
  queryAs(db.owner, statement).then(
    () => undefined,
    (error: unknown) => error,
  )

describe.each([
  [
    `INSERT INTO held (id) VALUES ('${CANARY}')`,
    "state_conflict",
    { sqlState: "23505", constraint: "held_pkey", table: "held" },
  ],
  [
    `INSERT INTO held (id, parent) VALUES ('a', '${CANARY}-not')`,
    "state_conflict",
    { sqlState: "23503", constraint: "held_parent_fkey", table: "held" },
  ],
  [`DO $$ BEGIN RAISE EXCEPTION '${CANARY}'; END $$`, "state_conflict", { sqlState: "P0001" }],
  [
    `INSERT INTO held (id, word) VALUES ('${CANARY}-b', 'no')`,
    "input_invalid",
    { sqlState: "23514", constraint: "held_word_check", table: "held" },
  ],
  [`INSERT INTO held (id, word) VALUES ('${CANARY}-c', NULL)`, "input_invalid", { sqlState: "23502", table: "held" }],
  [`SELECT '${CANARY}'::uuid`, "input_invalid", { sqlState: "22P02" }],
  [`SET statement_timeout = 1; SELECT pg_sleep(60), '${CANARY}'`, "timed_out", { sqlState: "57014" }],
  [`SELECT * FROM "${CANARY}"`, "answer_malformed", { sqlState: "42P01" }],
  [`SELEKT '${CANARY}'`, "answer_malformed", { sqlState: "42601" }],
])("%s", (statement, code, details) => {
  it(`becomes ${code}, with names of ours and no value`, async () => {
    const error = await failing(statement)
    expect(inspect(error)).toContain("error")
    const mapped = toDatabaseError(error)
    expect(mapped).toMatchObject({ code, details })
    expect(inspect(mapped, { depth: 9 })).not.toContain("canary")
    expect(mapped.cause).toBeUndefined()
  })
})

it("leaves an error of ours as it is", () => {
  const ours = new RequestError("not_found", "no such case")
  expect(toDatabaseError(ours)).toBe(ours)
})

it("says no more of what is no database error", () => {
  for (const thrown of [new Error(CANARY), CANARY, undefined, { code: CANARY }]) {
    const mapped = toDatabaseError(thrown)
    expect(mapped.code).toBe("answer_malformed")
    expect(inspect(mapped)).not.toContain("canary")
  }
})

it("tells a server that is not there, and a password that is wrong, from a statement that is", async () => {
  for (const config of [
    { ...db.app, host: "/nowhere" },
    { ...db.app, host: "127.0.0.1", port: 1 },
    { ...db.app, password: "guess" },
    { ...db.app, database: "canary" },
  ]) {
    const error = await queryAs(config, "SELECT").catch((thrown: unknown) => thrown)
    expect(toDatabaseError(error)).toMatchObject({ name: "DependencyError", code: "unavailable" })
  }
})

it("comes out of kysely mapped already, from statements, transactions and connecting", async () => {
  const { kysely } = openDatabase<{ held: { id: string } }>(db.owner)
  const twice = kysely.insertInto("held").values({ id: CANARY })
  await expect(twice.execute()).rejects.toMatchObject({ name: "RequestError", code: "state_conflict" })
  await expect(
    kysely.transaction().execute((trx) => trx.insertInto("held").values({ id: CANARY }).execute()),
  ).rejects.toMatchObject({ name: "RequestError", code: "state_conflict" })
  await kysely.destroy()

  const nowhere = openDatabase<{ held: { id: string } }>({ ...db.owner, host: "/nowhere" })
  await expect(nowhere.kysely.selectFrom("held").select("id").execute()).rejects.toMatchObject({
    name: "DependencyError",
    code: "unavailable",
  })
  await nowhere.close()
})

it("knows which errors ask for the transaction to be repeated, mapped or not", () => {
  for (const [code, repeatable] of [
    ["40001", true],
    ["40P01", true],
    ["23505", false],
    ["57014", false],
  ] as const) {
    const raw = Object.assign(new Error("raw"), { code })
    expect(isRepeatable(raw)).toBe(repeatable)
    expect(isRepeatable(toDatabaseError(raw))).toBe(repeatable)
  }
  expect(isRepeatable(undefined)).toBe(false)
})

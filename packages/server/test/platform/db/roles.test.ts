import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { describe, expect, it } from "vitest"

const db = useDatabase()

describe("the service's role", () => {
  it.each([
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "DROP TABLE schema_migrations",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "TRUNCATE events",
    "SELECT * FROM schema_migrations",
    "SELECT * FROM pg_authid",
    "SELECT pg_read_file('PG_VERSION')",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "SET ROLE nightlight_owner",
    "SET ROLE postgres",
    "SET log_statement = 'all'",
    "SET log_min_messages = 'debug5'",
  ])("is refused: %s", async (statement) => {
    await expect(queryAs(db.app, statement)).rejects.toMatchObject({ code: "42501" })
  })

  it("owns nothing, in no database", async () => {
    expect(
      await queryAs(
        db.superuser,
        `SELECT classid::regclass FROM pg_shdepend JOIN pg_roles ON refobjid = pg_roles.oid
         WHERE rolname = 'nightlight_app' AND deptype = 'o'`,
      ),
    ).toEqual([])
  })

  it.each(["postgres", "template1"])("does not get into the database %s", async (database) => {
    await expect(queryAs({ ...db.app, database }, "SELECT")).rejects.toMatchObject({ code: "42501" })
  })

  it("is a member of no role, and has no attribute beyond logging in", async () => {
    expect(
      await queryAs(
        db.superuser,
        `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolcanlogin,
           (SELECT count(*)::int FROM pg_auth_members WHERE member = pg_roles.oid) AS memberships
         FROM pg_roles WHERE rolname LIKE 'nightlight\\_%' ORDER BY rolname`,
      ),
    ).toEqual(
      Array(2).fill({
        rolsuper: false,
        rolcreatedb: false,
        rolcreaterole: false,
        rolreplication: false,
        rolbypassrls: false,
        rolcanlogin: true,
        memberships: 0,
      }),
    )
  })
})

describe("the owner's role", () => {
  it("owns every table, and is not the superuser", async () => {
    const rows = await queryAs(db.owner, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    expect(rows).toEqual([{ tableowner: "nightlight_owner" }])
    await expect(queryAs(db.owner, "CREATE ROLE mine")).rejects.toMatchObject({ code: "42501" })
  })
})

it("does not let even the superuser write settings past the settings file", async () => {
  await expect(queryAs(db.superuser, "ALTER SYSTEM SET log_statement = 'all'")).rejects.toMatchObject({
    code: "0A000",
  })
})

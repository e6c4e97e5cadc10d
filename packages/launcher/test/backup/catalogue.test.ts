import { access, appendFile, readFile, symlink } from "node:fs/promises"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { expect, it } from "vitest"
import { differences } from "../../src/backup/catalogue/compare.ts"
import { readCatalogue } from "../../src/backup/catalogue/read-catalogue.ts"
import { launch } from "../../src/postgres/launch.ts"
import { layoutOf } from "../../src/postgres/layout.ts"
import { openSingleUser } from "../../src/postgres/single-user.ts"
import { type Change, useInstallation } from "../support/backups.ts"

const installation = useInstallation()

const FUNCTION = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"

/** Objects that an attacker with superuser rights can leave behind, and their names in the catalogue's comparison. */
const ATTACKS: readonly { readonly does: Change; readonly kind: string; readonly name: string }[] = [
  { does: "ALTER ROLE nightlight_app SUPERUSER", kind: "role", name: "nightlight_app" },
  { does: "CREATE ROLE backdoor LOGIN SUPERUSER", kind: "role", name: "backdoor" },
  { does: "GRANT nightlight_owner TO nightlight_app", kind: "membership", name: "nightlight_app in nightlight_owner" },
  {
    does: "ALTER ROLE nightlight_app SET local_preload_libraries = 'evil'",
    kind: "role or database setting",
    name: "all.nightlight_app",
  },
  {
    does: "ALTER DATABASE nightlight SET search_path = public, evil",
    kind: "role or database setting",
    name: "nightlight.all",
  },
  { does: "CREATE DATABASE elsewhere", kind: "database", name: "elsewhere" },
  { does: "GRANT SET ON PARAMETER log_statement TO nightlight_app", kind: "parameter grant", name: "log_statement" },
  { does: `CREATE FUNCTION public.evil() ${FUNCTION}`, kind: "function", name: "public.evil()" },
  {
    does: "CREATE FUNCTION public.raise_me() RETURNS text LANGUAGE sql SECURITY DEFINER RETURN 'x'",
    kind: "function",
    name: "public.raise_me()",
  },
  {
    does: "CREATE OR REPLACE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    kind: "function",
    name: "public.refuse_change()",
  },
  {
    does: "CREATE TRIGGER evil BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION public.evil()",
    kind: "trigger",
    name: "public.people.evil",
  },
  {
    does: "ALTER TABLE events DISABLE TRIGGER events_append_only",
    kind: "trigger",
    name: "public.events.events_append_only",
  },
  {
    does: "CREATE FUNCTION public.evt() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER evt ON login EXECUTE FUNCTION public.evt()",
    kind: "event trigger",
    name: "evt",
  },
  { does: "CREATE RULE evil AS ON INSERT TO alarms DO ALSO NOTHING", kind: "rule", name: "public.alarms.evil" },
  { does: "CREATE POLICY evil ON sessions USING (true)", kind: "row security policy", name: "public.sessions.evil" },
  { does: "ALTER TABLE alarms ALTER times SET DEFAULT 1", kind: "column default", name: "public.alarms.7" },
  {
    does: "CREATE INDEX evil ON alarms ((code || 'x'))",
    kind: "index",
    name: "public.evil",
  },
  { does: "ALTER TABLE alarms ADD CHECK (times > 0)", kind: "constraint", name: "public.alarms - alarms_times_check" },
  { does: "GRANT UPDATE ON events TO nightlight_app", kind: "relation", name: "public.events" },
  { does: "GRANT UPDATE (line) ON events TO nightlight_app", kind: "column", name: "public.events.line" },
  { does: "ALTER TABLE people OWNER TO nightlight_app", kind: "relation", name: "public.people" },
  { does: "CREATE VIEW public.v AS SELECT 1", kind: "relation", name: "public.v" },
  { does: "CREATE SCHEMA evil", kind: "schema", name: "evil" },
  {
    does: "CREATE FUNCTION evil.same(text, text) RETURNS boolean LANGUAGE sql RETURN true; CREATE OPERATOR evil.= (FUNCTION = evil.same, LEFTARG = text, RIGHTARG = text)",
    kind: "operator",
    name: "evil.=(text,text)",
  },
  {
    does: "CREATE FUNCTION evil.to_role(text) RETURNS boolean LANGUAGE sql RETURN true; CREATE CAST (text AS boolean) WITH FUNCTION evil.to_role(text) AS ASSIGNMENT",
    kind: "cast",
    name: "text to boolean",
  },
  { does: "CREATE FOREIGN DATA WRAPPER evil", kind: "foreign data wrapper", name: "evil" },
  { does: "CREATE SERVER evil FOREIGN DATA WRAPPER evil", kind: "foreign server", name: "evil" },
  { does: "CREATE PUBLICATION evil FOR ALL TABLES", kind: "publication", name: "evil" },
  {
    does: "CREATE SUBSCRIPTION evil CONNECTION 'host=/nowhere' PUBLICATION x WITH (connect = false)",
    kind: "subscription",
    name: "evil",
  },
  { does: "CREATE DOMAIN evil.named AS text CHECK (VALUE <> '')", kind: "type", name: "evil.named" },
  {
    does: "ALTER DEFAULT PRIVILEGES FOR ROLE nightlight_owner GRANT ALL ON TABLES TO nightlight_app",
    kind: "default grant",
    name: "nightlight_owner - r",
  },
  {
    does: { database: "template1", sql: "CREATE TABLE left_behind (x text)" },
    kind: "relation",
    name: "public.left_behind",
  },
  {
    does: { database: "postgres", sql: `CREATE FUNCTION public.waiting() ${FUNCTION}` },
    kind: "function",
    name: "public.waiting()",
  },
  {
    does: "SET allow_system_table_mods = on; UPDATE pg_catalog.pg_proc SET prosrc = 'dsqrt' WHERE proname = 'dexp'",
    kind: "function",
    name: "dexp(double precision)",
  },
  {
    does: "UPDATE pg_catalog.pg_operator SET oprcode = 'pg_catalog.textne' WHERE oid = 98",
    kind: "operator",
    name: "=(text,text)",
  },
]

it("the comparison names everything that no migration made: roles, settings, functions, triggers, rules, policies, operators, grants", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const untouched = await installation.dataDir()
  const expected = await readCatalogue(await openSingleUser(layoutOf(join(untouched, "postgres"))))
  const dataDir = join(await installation.dataDir(), "postgres")
  const server = await launch({ dataDir, settings: { fsync: "off" } })
  for (const { does } of ATTACKS) {
    const { database, sql } = typeof does === "string" ? { database: "nightlight", sql: does } : does
    await queryAs({ ...server.superuser, database }, sql)
  }
  await server.stop()
  const found = await readCatalogue(await openSingleUser(layoutOf(dataDir)))
  const named = [...differences(found, expected)].map(({ kind, name }) => `${kind} ${name}`)
  expect(ATTACKS.map(({ kind, name }) => `${kind} ${name}`).filter((attack) => !named.includes(attack))).toEqual([])
  expect([...differences(expected, expected)]).toEqual([])
  // In the other direction: objects of the migrations that somebody removed.
  expect([...differences(expected, found)].map(({ problem }) => problem)).toContain("missing")
})

it("a backup of a database with a trigger that no migration made is not restored, and the trigger is named", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const dataDir = await installation.dataDir()
  const folder = await installation.folder()
  await installation.backUp(dataDir, folder, [
    `CREATE FUNCTION public.evil() ${FUNCTION}`,
    "CREATE TRIGGER evil BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION public.evil()",
  ])
  await expect(installation.restore(folder, dataDir)).rejects.toMatchObject({
    code: "backup_untrusted",
    message: "extra function in database nightlight: public.evil()",
  })
})

it("commands configured in a data folder run neither there nor in a restored one", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const dataDir = await installation.dataDir()
  const folder = await installation.folder()
  const cluster = join(dataDir, "postgres", "cluster")
  const mark = `${folder}-mark`
  const settings = `archive_mode = on\narchive_command = 'touch ${mark}; false'\nshared_preload_libraries = 'evil'\n`
  for (const name of ["postgresql.auto.conf", "postgresql.conf"]) await appendFile(join(cluster, name), settings)
  await appendFile(join(cluster, "pg_hba.conf"), "local all all trust\n")
  await installation.backUp(dataDir, folder, ["SELECT pg_switch_wal()", "CHECKPOINT"])
  await installation.restore(folder, dataDir)
  const server = await launch({ dataDir: join(dataDir, "postgres") })
  const rows = await queryAs(server.superuser, "SELECT pg_switch_wal() IS NULL AS none", "SHOW archive_mode")
  await expect(queryAs({ ...server.app, password: "none" }, "SELECT 1")).rejects.toMatchObject({ code: "28P01" })
  await server.stop()
  expect(rows).toEqual([{ archive_mode: "off" }])
  await expect(access(mark)).rejects.toMatchObject({ code: "ENOENT" })
  expect(await readFile(join(cluster, "postgresql.auto.conf"), "utf8")).toBe("")
})

it("a database with a tablespace outside of its folder is not started", async () => {
  const dataDir = join(await installation.dataDir(), "postgres")
  await symlink("/tmp", join(dataDir, "cluster", "pg_tblspc", "16400"))
  await expect(launch({ dataDir })).rejects.toMatchObject({ code: "config_invalid" })
})

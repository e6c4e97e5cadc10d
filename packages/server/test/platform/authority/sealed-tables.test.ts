import { glob, readFile } from "node:fs/promises"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { describe, expect, it } from "vitest"
import { openAuthority } from "../../../src/platform/authority/authority.ts"
import { sealedContent } from "../../../src/platform/authority/sealed-rows.ts"
import { SEALED_TABLES, type SealedTable, type Sealing } from "../../../src/platform/authority/sealed-tables.ts"
import { POWER_EVENTS } from "../../../src/platform/events/power.ts"

const SRC = fileURLToPath(new URL("../../../src/", import.meta.url))
const tables = Object.keys(SEALED_TABLES) as SealedTable[]
const db = useDatabase()

/** Where a sealed table is named in a query without its checked reader, and why that gives nobody anything. */
const UNCHECKED: Readonly<Record<string, string>> = {
  "staff/approvals/store.ts selectFrom approvals": "is what the verification of approvals checks",
  "intake/false-positives/store.ts selectFrom false_positives": "counts, for people to look at",
  "staff/keys/store.ts updateTable service_keys": "last use alone, which is not sealed",
  "staff/people/store.ts deleteFrom person_roles": "deleting gives nothing",
  "staff/people/store.ts selectFrom setup": "checked in place: the row has no code before set-up begins",
  "staff/people/store.ts updateTable setup": "sealed in place, after it was locked and checked",
  "filing/preservation/store.ts selectFrom holds": "leaves out what the order would leave; the order checks",
  "filing/requests/store.ts selectFrom le_request_cases": "a list for people to look at",
  "staff/sign-in/credential-store.ts deleteFrom credentials": "deleting gives nothing",
  "staff/sign-in/oidc/identity-store.ts deleteFrom identities": "deleting gives nothing",
  "staff/sign-in/credential-store.ts updateTable credentials": "the last code's step alone, which is not sealed",
  "staff/sign-in/joining/link-store.ts deleteFrom sign_in_links": "deleting gives nothing",
  "staff/sign-in/passkeys/store.ts deleteFrom passkeys": "deleting gives nothing",
  "staff/sign-in/passkeys/store.ts selectFrom passkeys": "asks whether an id is taken",
  "staff/sign-in/sessions/store.ts selectFrom people": "locks the row alone",
  "staff/sign-in/sessions/store.ts deleteFrom sessions": "deleting gives nothing",
  "staff/sign-in/sessions/store.ts updateTable sessions": "last use alone, which is not sealed",
}

describe("a sealed table", () => {
  it("is read and written through its checked reader, but where the list says why not", async () => {
    const found = new Set<string>()
    const query = /\b(selectFrom|insertInto|updateTable|deleteFrom|\w*[jJ]oin)\(\s*"(\w+)/g
    for await (const file of glob(`${SRC}**/*.ts`)) {
      for (const [, verb, table] of (await readFile(file, "utf8")).matchAll(query)) {
        if (table !== undefined && table in SEALED_TABLES) found.add(`${relative(SRC, file)} ${verb} ${table}`)
      }
    }
    expect([...found].toSorted()).toEqual(Object.keys(UNCHECKED).toSorted())
  })

  it("has a code in every row, and columns of the names that its sealing tells", async () => {
    const { rows } = await db.database.pool.query<{ table_name: string; column_name: string; is_nullable: string }>(
      "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'",
    )
    for (const table of tables) {
      const columns = rows.filter(({ table_name }) => table_name === table)
      expect(columns, table).toContainEqual(expect.objectContaining({ column_name: "mac", is_nullable: "NO" }))
      const names = columns.map(({ column_name }) => column_name)
      const { id, open = [], json = [] } = SEALED_TABLES[table] as Sealing
      expect(names, table).toEqual(expect.arrayContaining([...id, ...open, ...json]))
    }
  })

  it("seals a column that is added later, and leaves rows from before it good", () => {
    const row = { id: "key-1", name: "n", used_at: new Date(), mac: "x" }
    expect(sealedContent("service_keys", row)).toEqual({ id: "key-1", name: "n" })
    expect(sealedContent("service_keys", { ...row, added: null })).toEqual({ id: "key-1", name: "n" })
    expect(sealedContent("service_keys", { ...row, added: 1 })).toEqual({ id: "key-1", name: "n", added: 1 })
  })
})

describe("an authority", () => {
  const [old, next] = [openAuthority([Buffer.alloc(32, 1)]), openAuthority([Buffer.alloc(32, 2), Buffer.alloc(32, 1)])]
  const mac = old.seal("approvals", "approval-1", { state: "waiting" })

  it("checks codes of its older keys, knows them as old, and makes none with them", () => {
    next.check("approvals", "approval-1", { state: "waiting" }, mac)
    expect(next.isOld(mac)).toBe(true)
    expect(next.isOld(next.seal("approvals", "approval-1", {}))).toBe(false)
    expect(() => old.check("approvals", "approval-1", {}, next.seal("approvals", "approval-1", {}))).toThrow(
      /a row of the database was altered/,
    )
  })

  it.each([
    ["another table's", "holds", "approval-1", { state: "waiting" }, mac],
    ["another row's", "approvals", "approval-2", { state: "waiting" }, mac],
    ["of other content", "approvals", "approval-1", { state: "done" }, mac],
    ["cut short", "approvals", "approval-1", { state: "waiting" }, mac.slice(0, -1)],
    ["empty", "approvals", "approval-1", { state: "waiting" }, ""],
  ])("refuses a code that is %s", (_what, table, id, content, given) => {
    expect(() => old.check(table, id, content, given)).toThrow(expect.objectContaining({ code: "row_untrusted" }))
  })
})

describe("the index of events that give or end power", () => {
  it("holds every type that is asked for, or it is not used", async () => {
    const { rows } = await db.database.pool.query<{ text: string }>(
      "SELECT pg_get_expr(indpred, indrelid) AS text FROM pg_index WHERE indexrelid = 'events_of_power'::regclass",
    )
    const indexed = [...(rows[0]?.text ?? "").matchAll(/'([^']+)'::text/g)].map(([, type = ""]) => type)
    expect(indexed.toSorted()).toEqual([...POWER_EVENTS].toSorted())
  })
})

describe("the application's role", () => {
  const ask = async (sql: string) => (await db.database.pool.query<Record<string, string>>(sql)).rows

  it("owns nothing, makes nothing, is in no other role, and empties no table", async () => {
    expect(await ask("SELECT relname FROM pg_class WHERE relowner = 'nightlight_app'::regrole")).toEqual([])
    expect(await ask("SELECT roleid FROM pg_auth_members WHERE member = 'nightlight_app'::regrole")).toEqual([])
    expect(
      await ask(`SELECT rolname FROM pg_roles WHERE rolname = 'nightlight_app'
        AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)`),
    ).toEqual([])
    expect(
      await ask(`SELECT nspname FROM pg_namespace WHERE nspname = 'public'
        AND has_schema_privilege('nightlight_app', oid, 'CREATE')`),
    ).toEqual([])
    expect(
      await ask(`SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
        AND has_table_privilege('nightlight_app', oid, 'TRUNCATE, REFERENCES, TRIGGER')`),
    ).toEqual([])
  })

  it("changes whole rows, and deletes them, in these tables alone", async () => {
    const may = async (privilege: string) =>
      (
        await ask(`SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
          AND has_table_privilege('nightlight_app', oid, '${privilege}') ORDER BY relname`)
      ).map(({ relname }) => relname)
    expect(await may("UPDATE")).toEqual([
      "case_items",
      "case_lists",
      "cases",
      "clock_watch",
      "decisions",
      "exposure_days",
      "exposure_limits",
      "exposure_people",
      "pager_calls",
      "preferences",
      "reports",
      "sign_in_throttles",
      "tasks",
      "viewings",
    ])
    expect(await may("DELETE")).toEqual([
      "case_counts",
      "case_lists",
      "credentials",
      "follow_up_datasets",
      "guard_heartbeats",
      "identities",
      "joining_codes",
      "operations",
      "passkey_challenges",
      "passkeys",
      "person_roles",
      "screen_answers",
      "sessions",
      "sign_in_links",
      "sign_in_throttles",
    ])
  })

  it.each(tables)("changes no sealed row of %s whole", async (table) => {
    expect(await ask(`SELECT 1 WHERE has_table_privilege('nightlight_app', '${table}', 'UPDATE')`)).toEqual([])
  })
})

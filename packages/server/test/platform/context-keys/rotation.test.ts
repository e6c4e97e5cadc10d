import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { holdLock } from "@nightlight/durable"
import type { Kysely, KyselyPlugin } from "kysely"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { openAuthority } from "../../../src/platform/authority/authority.ts"
import { authorityOf } from "../../../src/platform/authority/of-database.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { readContextKeys } from "../../../src/platform/context-keys/key-file.ts"
import { fixedKeyRing, openKeyRing } from "../../../src/platform/context-keys/key-ring.ts"
import { contextKeyArchive, rewrapContextKey } from "../../../src/platform/context-keys/rewrap.ts"
import { rotateContextKey } from "../../../src/platform/context-keys/rotate.ts"
import { type Database, openDatabase } from "../../../src/platform/db/pool.ts"
import type { Tables } from "../../../src/platform/db/tables.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { openSecretSealer } from "../../../src/platform/secrets/secret-sealer.ts"
import { addMember, type Member, openStaff, type Staff } from "../../support/staff.ts"
import { asSuperuser } from "../../support/superuser.ts"

const CASES = 3
/** Every so many-th query is died at, from a random one. */
const STRIDE = process.env["NIGHTLIGHT_LONG"] === undefined ? 11 : 1
/** The context key with which the tests' databases begin. */
const FIRST = Buffer.alloc(32, 7)

const db = useDatabase()
const clock = movingClock()
const opened: Database[] = []
let dir: string
let path: string
let one: Process
let staff: Staff
let boss: Member
let token: string

/** The keys of one process, which reads the file at each use. */
function startProcess(file = path) {
  let time = 0
  const ring = openKeyRing(file, () => (time += 10_000))
  const database = openDatabase<Tables>(db.app, openAuthority(ring))
  opened.push(database)
  return { database, db: database.kysely, ring, contextKeys: openContextKeys(ring), sealer: openSecretSealer(ring) }
}
type Process = ReturnType<typeof startProcess>

const rewrap = (process: Process, over: Kysely<Tables> = process.db) =>
  rewrapContextKey({ path, clock, settleMs: 0, ...process, db: over })

const say = async ({ db: over, contextKeys }: Process, n: number) => contextKeys.seal(over, `case-${n}`, "note", { n })
const sealed: Buffer[] = []

async function expectAllOpens(process: Process): Promise<void> {
  for (const [n, note] of sealed.entries()) {
    expect(await process.contextKeys.open(process.db, `case-${n}`, "note", note)).toEqual({ n })
  }
  const { totp } = await process.db
    .selectFrom("credentials")
    .select("totp")
    .where("person_id", "=", boss.id)
    .executeTakeFirstOrThrow()
  expect(process.sealer.open("totp", boss.id, totp)).toHaveLength(20)
  const other = await openStaff(process.database, { clock, sealer: process.sealer })
  expect(await other.keys.authenticate(token)).toBeDefined()
  await other.app.close()
  expect((await readEvents(process.db, {})).length).toBeGreaterThan(0)
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "context-keys-"))
  path = join(dir, "context.key")
})
beforeEach(async () => {
  await writeFile(path, `nightlight-context-key-1 ${FIRST.toString("hex")}\n`, { mode: 0o600 })
  await rm(contextKeyArchive(path), { force: true })
  one = startProcess()
  if (sealed.length > 0) return
  staff = await openStaff(one.database, { clock, sealer: one.sealer })
  boss = await addMember(staff, "administrator")
  await boss.signIn()
  const made = await boss.browser.call("POST", "/v1/keys", { name: "a", scopes: ["screen"], expiresInDays: 300 })
  token = made.json<{ token: string }>().token
  for (let n = 0; n < CASES; n++) sealed.push(await say(one, n))
  await saveState()
})
afterEach(async () => {
  await restoreState()
  for (const database of opened.splice(1)) await database.close()
})
afterAll(async () => {
  await staff.app.close()
  for (const database of opened) await database.close()
  await rm(dir, { recursive: true, force: true })
})

const TABLES = [
  "case_keys",
  "credentials",
  "sessions",
  "service_keys",
  "events",
  "people",
  "person_roles",
  "person_relations",
  "sign_in_links",
  "identities",
  "approvals",
  "sources",
]
/** As a backup would: what the tables hold, and later just that again. */
const saveState = () =>
  asSuperuser(db, async ({ run }) => {
    for (const table of TABLES) await run(`CREATE TABLE saved_${table} AS SELECT * FROM ${table}`)
  })
const restoreState = () =>
  asSuperuser(db, async ({ run }) => {
    for (const table of TABLES) {
      const columns = await run(
        `SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns
         WHERE table_name = $1 AND table_schema = 'public' AND is_generated = 'NEVER'`,
        table,
      )
      const names = String(columns[0]?.["names"])
      await run(`DELETE FROM ${table}`)
      await run(`INSERT INTO ${table} (${names}) SELECT ${names} FROM saved_${table}`)
    }
  })

describe("the context key", () => {
  it("is rotated and rewrapped while a server runs, after which only events' MACs are under the old one", async () => {
    const running = startProcess()
    const { keys } = await rotateContextKey(path, clock)
    expect(keys).toHaveLength(2)
    // Half a rotation: a running process and one that starts now both read and write.
    await expectAllOpens(running)
    await expectAllOpens(startProcess())
    const note = await say(running, 77)
    const progress: number[][] = []
    const onProgress = (done: number, total: number) => progress.push([done, total])
    const result = await rewrapContextKey({ path, clock, settleMs: 0, ...one, onProgress })
    const [, [, passes = 0] = []] = progress
    expect(progress).toEqual(Array.from({ length: passes }, (_, done) => [done, passes]))
    expect(result).toMatchObject({ unopened: 0, dropped: keys.slice(1), rewrapped: { case_keys: CASES } })
    expect(result.rewrapped).toMatchObject({ credentials: 1, "service_keys-codes": 1 })
    const file = readContextKeys(path)
    expect(file).toMatchObject({ keys: [{}], eventsKeys: [{}] })
    await expectAllOpens(running)
    await expectAllOpens(startProcess())
    // A server that ran all the time reveals no more than before to somebody without an account.
    const stranger = { email: "stranger@example.org", password: "correct horse battery", code: "000000" }
    expect((await boss.browser.call("POST", "/v1/sign-in", stranger)).json()).toMatchObject({ type: "unauthenticated" })
    expect(await running.contextKeys.open(running.db, "case-77", "note", note)).toEqual({ n: 77 })
    const alone = openContextKeys(fixedKeyRing(file.keys.map(({ bytes }) => bytes)))
    expect(await alone.open(one.db, "case-0", "note", sealed[0] ?? Buffer.alloc(0))).toEqual({ n: 0 })
    const [last] = await readEvents(one.db, { type: "context-key.rotated", order: "newest", limit: 1 })
    expect(last).toMatchObject({ data: { dropped: keys.slice(1), unopened: 0 } })
    expect((await stat(contextKeyArchive(path))).mode & 0o777).toBe(0o600)
    await asSuperuser(db, ({ run }) => run("DELETE FROM case_keys WHERE case_id = 'case-77'"))
  })

  it("of a process without the rotated file opens nothing newer, and corrupts nothing", async () => {
    const stale = openContextKeys(FIRST)
    await rotateContextKey(path, clock)
    await rewrap(one)
    const opening = stale.open(one.db, "case-0", "note", sealed[0] ?? Buffer.alloc(0))
    await expect(opening).rejects.toMatchObject({ code: "key_unusable" })
    const database = openDatabase<Tables>(db.app, openAuthority([FIRST]))
    opened.push(database)
    await expect(readEvents(database.kysely, { order: "newest", limit: 1 })).rejects.toMatchObject({
      code: "row_untrusted",
    })
    const other = await openStaff(database, { clock })
    expect(await other.keys.authenticate(token)).toBeUndefined()
    await other.app.close()
  })

  it("that was dropped authenticates no row any more, and no event after its last", async () => {
    const old = openAuthority([FIRST])
    await rotateContextKey(path, clock)
    await rewrap(one)
    const told: string[] = []
    const authority = openAuthority(openKeyRing(path))
    authority.watch(({ table, id }) => told.push(`${table}:${id}`))
    const { throughSeq = 0 } = readContextKeys(path).eventsKeys[0] ?? {}
    const check = (table: string, id: string) => () => authority.check(table, id, "x", old.seal(table, id, "x"))
    expect(check("events", String(throughSeq))).not.toThrow()
    for (const [table, id] of [
      ["events", String(throughSeq + 1)],
      ["sessions", "session-1"],
    ] as const) {
      expect(check(table, id)).toThrow(expect.objectContaining({ code: "row_untrusted" }))
    }
    expect(told).toEqual([`events:${throughSeq + 1}`, "sessions:session-1"])
  })

  it("opens everything after a rewrapping that died at any query, and the next one finishes it", {
    timeout: 120_000,
  }, async () => {
    for (let n = 1 + Math.floor(Math.random() * STRIDE); ; n += STRIDE) {
      await rotateContextKey(path, clock)
      const died = await rewrap(one, dyingAt(one.db, n)).then(
        () => false,
        (error: unknown) => {
          if (!(error instanceof Died)) throw error
          return true
        },
      )
      await expectAllOpens(startProcess())
      await rewrap(one)
      expect(readContextKeys(path).keys).toHaveLength(1)
      await expectAllOpens(startProcess())
      if (!died) break
      expect(n).toBeLessThan(1_000)
      for (const database of opened.splice(1)) if (database !== one.database) await database.close()
    }
  })

  it("leaves a backup from before readable: the archive's key goes back behind the newest and all is rewrapped", async () => {
    await rotateContextKey(path, clock)
    await rewrap(one)
    await restoreState()
    const restored = startProcess()
    await expect(readEvents(restored.db, { type: "key.made" })).resolves.toHaveLength(1)
    const reading = restored.contextKeys.open(restored.db, "case-0", "note", sealed[0] ?? Buffer.alloc(0))
    await expect(reading).rejects.toMatchObject({ code: "key_unusable" })
    const [newest = "", ...rest] = (await readFile(path, "utf8")).split("\n")
    const archived = (await readFile(contextKeyArchive(path), "utf8")).trimEnd()
    await writeFile(path, [newest, archived, ...rest].join("\n"))
    await expectAllOpens(startProcess())
    expect(await rewrap(startProcess())).toMatchObject({ unopened: 0, rewrapped: { case_keys: CASES } })
    await expectAllOpens(startProcess())
  })

  it("stays where it is while rows that somebody else wrote carry its name: they are counted and left", async () => {
    const forged = `${authorityOf(one.db).keyId()}.forged`
    await asSuperuser(db, async ({ run }) => {
      await run("UPDATE case_keys SET wrapped = '\\xdead' WHERE case_id = 'case-2'")
      await run("UPDATE sessions SET mac = $1", forged)
    })
    await rotateContextKey(path, clock)
    const result = await rewrap(one)
    expect(result).toMatchObject({ unopened: 2, rewrapped: { case_keys: CASES - 1 } })
    const { mac } = await one.db.selectFrom("sessions").select("mac").limit(1).executeTakeFirstOrThrow()
    expect(mac).toBe(forged)
  })

  it("is rotated by one command at a time, and no second key is made before the last rotation has ended", async () => {
    const held = await holdLock(`${path}.rotation`)
    try {
      await expect(rotateContextKey(path, clock)).rejects.toMatchObject({ code: "locked" })
      await expect(rewrap(one)).rejects.toMatchObject({ code: "locked" })
    } finally {
      await held.release()
    }
    const { keys } = await rotateContextKey(path, clock)
    expect(await rotateContextKey(path, clock)).toEqual({ keys, resumed: true })
    expect(readContextKeys(path).keys).toHaveLength(2)
  })

  it.each([
    ["is empty", ""],
    ["has a line of another form", "nightlight-context-key-2 00\n"],
    ["was cut off", `nightlight-context-key-1 ${"a".repeat(64)}`],
    ["holds a key twice", `nightlight-context-key-1 ${"a".repeat(64)}\n`.repeat(2)],
    ["holds what dropped keys left alone", `nightlight-events-key-1 ${"a".repeat(64)} 5\n`],
  ])("is not read from a file that %s", async (_what, text) => {
    await writeFile(path, text)
    expect(() => readContextKeys(path)).toThrow(expect.objectContaining({ code: "key_unusable" }))
    // Who runs already goes on with what it has.
    expect(one.ring.current(true).keys[0]?.bytes).toEqual(FIRST)
  })
})

class Died extends Error {}

/** The database, until its n-th query. */
function dyingAt(over: Kysely<Tables>, n: number): Kysely<Tables> {
  let count = 0
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (++count >= n) throw new Died("killed")
      return node
    },
    transformResult: async ({ result }) => result,
  }
  return over.withPlugin(plugin)
}

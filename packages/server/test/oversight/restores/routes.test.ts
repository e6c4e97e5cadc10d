import { generateKeyPairSync, randomUUID } from "node:crypto"
import type { RestoreState } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { beforeAll, expect, it } from "vitest"
import { sourceRoutes } from "../../../src/intake/sources/routes.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import { createReconcile, reconcileAll } from "../../../src/oversight/operations/reconcile.ts"
import { createTasks } from "../../../src/oversight/operations/tasks.ts"
import { markRestored } from "../../../src/oversight/restores/mark-restored.ts"
import { createRestoreGate, readOpenRestore } from "../../../src/oversight/restores/open-restore.ts"
import { createRestoreReconcile } from "../../../src/oversight/restores/reconcile.ts"
import { restoreRoutes } from "../../../src/oversight/restores/routes.ts"
import { createSuspended } from "../../../src/oversight/restores/suspended.ts"
import type { Actor, PersonActor, ServiceActor } from "../../../src/platform/auth/actor.ts"
import { testApp } from "../../support/app.ts"
import { createNoticeKeeper, lostLines } from "../../support/notice-keeper.ts"
import { found, openStaff } from "../../support/staff.ts"

const database = useDatabase()

async function makeSite() {
  const { kysely: db } = database.database
  const isSuspended = (id: string) => createRestoreGate(db).isSuspended(id)
  const staff = await openStaff(database.database, { isSuspended })
  const { clock, people, keys, signIn } = staff
  const { first } = await found(staff)
  const sources = createSources({ db, clock, isSuspended })
  const suspended = createSuspended({ db, clock, keys, sources })
  const tasks = createTasks({ db, clock })
  const keeper = createNoticeKeeper()
  const rest = createRestoreReconcile({
    db,
    clock,
    tasks,
    suspended,
    custodian: { notices: keeper.list, unknownNotices: keeper.unknownNotices },
    replay: async () => undefined,
  })
  const filings = createReconcile({
    db,
    clock,
    tasks,
    custodian: { filings: async () => ({ seq: 0, filings: [] }) },
    reportStatusOf: async () => undefined,
    finishedReports: async () => [],
  })
  let caller: Actor | undefined
  const app = await testApp({
    authenticate: async () => caller,
    routes: (on) => {
      restoreRoutes(on, {
        open: () => readOpenRestore(db),
        suspended,
        reconcile: () => reconcileAll(rest, filings),
      })
      sourceRoutes(on, { sources })
    },
  })
  const call = async (actor: Actor | undefined, method: "GET" | "POST", path: string, body?: object) => {
    caller = actor
    const url = `/v1/operations/restore${path}`
    const headers = { host: "localhost", origin: "http://localhost" }
    return app.inject(compact({ method, url, headers, payload: body }))
  }
  const administrator = await first.actor()
  return { staff, db, sources, keeper, call, administrator, isSuspended, app, people, signIn, clock }
}

let site: Awaited<ReturnType<typeof makeSite>>
beforeAll(async () => {
  site = await makeSite()
})

const proven = (actor: PersonActor): PersonActor => ({ ...actor, steppedUpUntil: new Date("2100-01-01T00:00:00.000Z") })
const state = async () => (await site.call(site.administrator, "GET", "")).json<RestoreState>()

it("only an administrator sees a restore, confirms a key, or closes it; confirming needs a step-up", async () => {
  const scanner: ServiceActor = {
    kind: "service",
    id: `key-${randomUUID()}`,
    source: undefined,
    callsPerMinute: 1_200,
    scopes: new Set(["findings:push"]),
  }
  const others = [aPerson("reviewer", "reporter", "counsel", "auditor"), scanner]
  const body = { id: `key-${randomUUID()}` }
  for (const [method, path, sent] of [
    ["GET", "", undefined],
    ["POST", "/confirm", body],
    ["POST", "/reconcile", undefined],
  ] as const) {
    expect((await site.call(undefined, method, path, sent)).statusCode).toBe(401)
    for (const other of others) expect((await site.call(other, method, path, sent)).statusCode).toBe(403)
  }
  const unproven = { ...site.administrator, steppedUpUntil: undefined }
  const refused = await site.call(unproven, "POST", "/confirm", body)
  expect(refused.json()).toMatchObject({ status: 403, type: "step_up_required" })
})

it("without a restore nothing is open, nothing can be confirmed, and reconciling changes nothing", async () => {
  expect(await state()).toEqual({ open: false })
  const answer = await site.call(proven(site.administrator), "POST", "/confirm", { id: `key-${randomUUID()}` })
  expect(answer.statusCode).toBe(404)
  const nothing = { compared: 0, differing: 0, paused: false, replayed: 0, suspended: [], open: false }
  expect((await site.call(site.administrator, "POST", "/reconcile")).json()).toEqual(nothing)
})

it("keys and sources are suspended, each confirmed or revoked for good, and then the restore closes", async () => {
  const { keys } = site.staff
  const { administrator, sources } = site
  const enrol = (name: string) => {
    const { publicKey } = generateKeyPairSync("ed25519")
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString()
    return sources.enrol(administrator, { name, publicKey: pem, namesAccounts: false })
  }
  const [known, lost] = [await enrol("known"), await enrol("lost")]
  const { key, token } = await keys.make(administrator, {
    name: "scan",
    scopes: ["findings:push"],
    source: "lab",
    expiresInDays: 30,
  })
  const { db, clock, people, signIn } = site
  await markRestored({ db, clock, people, signIn }, { id: "backup-1", madeAt: "2026-01-01T00:00:00.000Z" })
  const head = await db.selectFrom("events").select(["seq", "hash"]).orderBy("seq", "desc").executeTakeFirstOrThrow()
  await site.keeper.sendNotices(
    lostLines({ seq: Number(head.seq), hash: head.hash }, [{ type: "key.revoked", subject: "key-made-later" }]),
  )

  const open = await state()
  expect(open).toMatchObject({ open: true, backup: "backup-1", restoredAt: expect.any(String) })
  expect([...(open.suspended ?? [])].sort()).toEqual([key.id, known.source, lost.source].sort())
  // The gate that intake asks: neither the key nor what a source signs is taken.
  expect(await sources.isLive(known.source)).toBe(false)
  expect(await keys.authenticate(token)).toBeUndefined()

  const confirm = (id: string) => site.call(proven(administrator), "POST", "/confirm", { id })
  for (const id of ["", "person-1", `case-${randomUUID()}`, `${key.id}\n`]) {
    expect((await confirm(id)).statusCode).toBe(400)
  }
  for (const id of [`key-${randomUUID()}`, `source-${randomUUID()}`]) expect((await confirm(id)).statusCode).toBe(404)
  expect((await confirm(known.source)).json<RestoreState>().suspended).not.toContain(known.source)
  expect(await sources.isLive(known.source)).toBe(true)
  expect((await confirm(known.source)).statusCode).toBe(404)
  expect((await confirm(key.id)).statusCode).toBe(200)
  expect(await keys.authenticate(token)).toMatchObject({ id: key.id })

  // The custodian's memory shows that the backup was too old, also once it was done again.
  const left = (await site.call(administrator, "POST", "/reconcile")).json()
  expect(left).toMatchObject({ open: true, suspended: [lost.source], lostUntil: "2026-06-01T00:00:00.000Z" })
  expect(await sources.isLive(lost.source)).toBe(false)
  await sources.revoke(administrator, lost.source)
  expect((await site.call(administrator, "POST", "/reconcile")).json()).toMatchObject({ open: false, paused: false })
  expect(await state()).toEqual({ open: false })
  expect(await sources.isLive(lost.source)).toBe(false)
})

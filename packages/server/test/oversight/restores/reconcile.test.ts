import { generateKeyPairSync, randomUUID } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { exists } from "@nightlight/durable"
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest"
import * as preservation from "../../../src/filing/preservation/store.ts"
import { verifyDatabase } from "../../../src/oversight/audit/verify-database.ts"
import { resendIfForgotten, sendNotices } from "../../../src/oversight/restores/send-notices.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createLog } from "../../../src/platform/log.ts"
import { collectLog } from "../../support/app.ts"
import { addMember } from "../../support/staff.ts"
import { makeSite, type Site } from "./site.ts"

const database = useDatabase()

let site: Site
beforeAll(async () => {
  site = await makeSite(database)
})
beforeEach(() => site.endRestore())
afterAll(() => site.close())

afterEach(async () => {
  // Whatever was restored and done again: the tables are what the log says.
  expect(await verifyDatabase(site.db, {})).toMatchObject({ ok: true })
})

const actor = () => site.administrators.first.actor()
const makeKey = async () =>
  site.staff.keys.make(await actor(), { name: "scan", scopes: ["findings:push"], source: "lab", expiresInDays: 30 })

it("a restore ends every session, and admits only administrators until it is closed", async () => {
  const reviewer = await addMember(site.staff, "reviewer")
  expect((await reviewer.signIn()).statusCode).toBe(200)
  await site.administrators.first.signIn()
  await site.restore()
  expect((await reviewer.browser.call("GET", "/v1/me")).statusCode).toBe(401)
  expect((await site.administrators.first.browser.call("GET", "/v1/me")).statusCode).toBe(401)
  const refused = await reviewer.signIn()
  expect(refused.statusCode).toBe(403)
  expect(refused.json()).toMatchObject({ title: expect.stringContaining("restored from a backup") })
  expect((await site.administrators.first.signIn()).statusCode).toBe(200)
  expect(await site.reconcile()).toMatchObject({ isOpen: false })
  expect((await reviewer.signIn()).statusCode).toBe(200)
})

it("links that were sent before the backup are void after a restore", async () => {
  const { people, signIn } = site.staff
  const { url } = await transact(site.staff, "system-setup", async (step) => {
    const id = await people.create(step, { name: "Somebody", email: `${randomUUID()}@example.org`, by: "system-setup" })
    return signIn.links.make(step, { kind: "invitation", personId: id, by: "system-setup" })
  })
  const token = url.slice(url.indexOf("#") + 1)
  await signIn.links.peek(token, "sent")
  await site.restore()
  await expect(signIn.links.peek(token, "sent")).rejects.toMatchObject({ code: "not_found" })
})

it("a key works again when an administrator confirms it, and the restore stays open until each is confirmed or revoked", async () => {
  const [one, other] = [await makeKey(), await makeKey()]
  const { keys } = site.staff
  await site.restore()
  expect(await keys.authenticate(one.token)).toBeUndefined()
  expect(await site.reconcile()).toMatchObject({
    isOpen: true,
    suspended: expect.arrayContaining([one.key.id, other.key.id]),
  })
  await site.suspended.confirm(await actor(), one.key.id)
  expect(await keys.authenticate(one.token)).toMatchObject({ id: one.key.id })
  await expect(site.suspended.confirm(await actor(), one.key.id)).rejects.toMatchObject({ code: "not_found" })
  // One that is made now was not in the backup.
  const fresh = await makeKey()
  expect(await keys.authenticate(fresh.token)).toMatchObject({ id: fresh.key.id })
  expect(await site.reconcile()).toMatchObject({ isOpen: true, suspended: [other.key.id] })
  await keys.revoke(await actor(), other.key.id)
  expect(await site.reconcile()).toMatchObject({ isOpen: false, suspended: [] })
  for (const { id, revokedAt } of await keys.list()) {
    if (revokedAt === undefined) await keys.revoke(await actor(), id)
  }
})

it("a reconciliation repeats what the custodian remembers: deactivations, removed roles, revoked keys", async () => {
  const leaver = await addMember(site.staff, "reviewer")
  const mover = await addMember(site.staff, "reviewer", "reporter")
  const { key, token } = await makeKey()
  const { people, keys } = site.staff
  await site.lose(
    { type: "person.deactivated", subject: leaver.id },
    { type: "role.removed", subject: mover.id, data: { role: "reviewer" } },
    { type: "key.revoked", subject: key.id },
    { type: "person.deactivated", subject: "person-made-after-the-backup" },
  )
  await site.restore()
  expect(await site.reconcile()).toEqual({
    isOpen: false,
    replayed: 4,
    differing: 0,
    suspended: [],
    lostUntil: new Date("2026-06-01T00:00:00.000Z"),
  })
  expect(await people.access(leaver.id)).toBeUndefined()
  expect([...((await people.access(mover.id))?.roles ?? [])]).toEqual(["reporter"])
  expect(await keys.authenticate(token)).toBeUndefined()
  expect(await site.typesSince("database.restored")).toEqual(
    expect.arrayContaining(["person.deactivated", "role.removed", "key.revoked", "restore.replayed", "restore.closed"]),
  )
  // Nothing is done twice.
  const before = (await readEvents(site.db, {})).length
  expect(await site.reconcile()).toMatchObject({ isOpen: false })
  expect((await readEvents(site.db, {})).length).toBe(before)
})

it("a reconciliation ends a source whose key was handed over after the backup, and keeps one that still has the key", async () => {
  const publicKey = () => generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString()
  const enrol = async () =>
    site.sources.enrol(await actor(), { name: "lab", publicKey: publicKey(), namesAccounts: false })
  const [turned, same] = [await enrol(), await enrol()]
  await site.lose(
    { type: "source.rotated", subject: turned.source, data: { key: "f".repeat(16), replaces: turned.keyId } },
    { type: "source.rotated", subject: same.source, data: { key: same.keyId, replaces: "f".repeat(16) } },
  )
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ replayed: 2, suspended: [same.source] })
  const { revokedAt } = (await site.sources.list()).find(({ source }) => source === turned.source) ?? {}
  expect(revokedAt).toBeDefined()
  await site.suspended.confirm(await actor(), same.source)
  expect(await site.sources.isLive(same.source)).toBe(true)
  await site.sources.revoke(await actor(), same.source)
})

it("a reconciliation destroys evidence again, places holds again, and locks again for the year", async () => {
  const [gone, held, again] = [`evidence-${randomUUID()}`, `evidence-${randomUUID()}`, `evidence-${randomUUID()}`]
  const caseId = `case-${randomUUID()}`
  const holdId = `hold-${randomUUID()}`
  const liftedId = `hold-${randomUUID()}`
  site.cases.set(caseId, [gone, held, again])
  for (const id of [gone, held, again]) await writeFile(join(site.folder, id), "sealed")
  await site.lose(
    { type: "preservation.locked", subject: caseId, data: { report: "report-1", until: "2030-01-01T00:00:00.000Z" } },
    { type: "evidence.destroyed", subject: gone, data: { case: caseId } },
    { type: "evidence.destroyed", subject: again, data: { case: caseId } },
    { type: "preservation.clearing-cancelled", subject: again, data: { case: "case-2" } },
    { type: "hold.placed", subject: caseId, data: { hold: holdId, reason: "legal" } },
    { type: "hold.placed", subject: caseId, data: { hold: liftedId, reason: "legal" } },
    { type: "hold.lifted", subject: caseId, data: { hold: liftedId, why: "ended" } },
  )
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: false, differing: 0 })
  expect(await exists(join(site.folder, gone))).toBe(false)
  expect(await exists(join(site.folder, held))).toBe(true)
  expect(await exists(join(site.folder, again))).toBe(true)
  const rows = await preservation.preservationsOfCase(site.db, caseId)
  const stateOf = (id: string) => rows.find(({ evidenceId }) => evidenceId === id)
  expect(stateOf(gone)).toMatchObject({ state: "destroyed" })
  expect(stateOf(held)).toMatchObject({ state: "locked", lockedUntil: new Date("2030-01-01T00:00:00.000Z") })
  expect((await preservation.holdsOf(site.db, caseId)).map((hold) => hold.holdId)).toEqual([holdId])
})

it("an action that cannot be repeated is a task, and keeps the restore open until a person closes it", async () => {
  const member = await addMember(site.staff, "reviewer")
  await site.lose(
    { type: "hold.placed", subject: "case-made-after-the-backup", data: { hold: "hold-1", reason: "legal" } },
    { type: "credentials.password-changed", subject: member.id },
  )
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: true, differing: 2 })
  const open = await site.tasks.open(10)
  expect(open.map(({ kind, code }) => [kind, code])).toEqual([
    ["restore-hold-placed", "case-unknown"],
    ["restore-credentials-password-changed", "credentials-older"],
  ])
  for (const { id } of open) await site.tasks.close("person-1", id, "done")
  expect(await site.reconcile()).toMatchObject({ isOpen: false, differing: 0 })
})

it("a reconciliation does not remove the last administrator, whatever the journal says", async () => {
  const { first, second } = site.administrators
  const people = (await site.staff.people.roster()).filter(({ roles }) =>
    roles.some(({ role }) => role === "administrator"),
  )
  expect(people.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort())
  await site.lose(
    { type: "role.removed", subject: second.id, data: { role: "administrator" } },
    { type: "person.deactivated", subject: first.id },
  )
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: true, differing: 1 })
  expect(await site.tasks.open(10)).toMatchObject([{ subject: first.id, code: "last-administrator" }])
  expect((await site.staff.people.access(first.id))?.roles.has("administrator")).toBe(true)
})

it("a journal that is older than the restored database is reported, and keeps the restore open", async () => {
  const leaver = await addMember(site.staff, "reviewer")
  await site.staff.people.deactivate(await actor(), leaver.id)
  expect(await sendNotices({ db: site.db, custodian: site.keeper })).toBeGreaterThan(0)
  expect(await sendNotices({ db: site.db, custodian: site.keeper })).toBe(0)
  expect([...site.keeper.notices.values()].map(({ type, data }) => [type, data["subject"]])).toContainEqual([
    "person.deactivated",
    leaver.id,
  ])
  site.keeper.notices.clear()
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: true, differing: 1 })
  const [task] = await site.tasks.open(10)
  expect(task).toMatchObject({ kind: "custodian-journal-older" })
  await site.tasks.close("person-1", task?.id ?? "", "done")
  expect(await site.reconcile()).toMatchObject({ isOpen: false })
})

it("a custodian whose journal is an older copy raises an alarm, and receives all notices again", async () => {
  const leaver = await addMember(site.staff, "reviewer")
  await site.staff.people.deactivate(await actor(), leaver.id)
  const deps = {
    db: site.db,
    alarms: site.staff.alarms,
    log: createLog({ process: "test", level: "info", destination: collectLog() }),
    custodian: site.keeper,
  }
  await sendNotices(deps)
  const told = [...site.keeper.notices.keys()]
  expect(await resendIfForgotten(deps)).toBe(false)
  site.keeper.notices.clear()
  expect(await resendIfForgotten(deps)).toBe(true)
  await sendNotices(deps)
  expect([...site.keeper.notices.keys()]).toEqual(expect.arrayContaining(told))
  expect((await site.staff.alarms.list(true)).map(({ code }) => code)).toContain("custodian-journal-older")
})

it("a custodian that was told by a forged row alone receives the notices all the same, with an alarm", async () => {
  const leaver = await addMember(site.staff, "reviewer")
  await sendNotices({ db: site.db, custodian: site.keeper })
  const alarms = { raiseNow: vi.fn() }
  const deps = { db: site.db, log: undefined as never, custodian: site.keeper, alarms }
  expect(await resendIfForgotten(deps)).toBe(false)
  await site.db.updateTable("sent_notices").set({ seq: "9000000" }).execute()
  await site.staff.people.deactivate(await actor(), leaver.id)
  expect(await sendNotices(deps)).toBe(0)
  expect(await resendIfForgotten(deps)).toBe(true)
  expect(alarms.raiseNow).toHaveBeenCalledWith(expect.objectContaining({ code: "row-untrusted" }))
  await sendNotices(deps)
  expect([...site.keeper.notices.values()]).toContainEqual(
    expect.objectContaining({ type: "person.deactivated", data: { subject: leaver.id } }),
  )
})

it("a custodian that is down delays nothing and receives the notices later", async () => {
  const leaver = await addMember(site.staff, "reviewer")
  await site.staff.people.deactivate(await actor(), leaver.id)
  const down = { sendNotices: () => Promise.reject(new Error("down")) }
  await expect(sendNotices({ db: site.db, custodian: down })).rejects.toThrow("down")
  await sendNotices({ db: site.db, custodian: site.keeper })
  expect([...site.keeper.notices.values()]).toContainEqual(
    expect.objectContaining({ type: "person.deactivated", data: { subject: leaver.id } }),
  )
})

import { DAY_MS, MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readEvents } from "../../../src/platform/events/read.ts"
import { addMember, eventsAbout, type Member, openStaff, type Staff } from "../../support/staff.ts"

const db = useDatabase()
let staff: Staff
let boss: Member
beforeAll(async () => {
  staff = await openStaff(db.database)
  boss = await addMember(staff, "administrator")
  await boss.signIn()
})
afterAll(() => staff.app.close())

const push = { name: "lab scanner", scopes: ["findings:push"], source: "lab", expiresInDays: 90 }

async function make(body: object = push): Promise<{ token: string; key: { id: string } }> {
  await boss.signIn()
  const answer = await boss.browser.call("POST", "/v1/keys", body)
  expect(answer.statusCode).toBe(201)
  return answer.json()
}
/** Who the service takes a token for. */
const callerOf = (token: string) => staff.keys.authenticate(token)

describe("a service's key", () => {
  it("is shown once, kept as a digest, and names scopes and source", async () => {
    const { token, key } = await make()
    expect(token).toMatch(/^nlk_[\w-]{43}$/)
    expect(await callerOf(token)).toEqual({
      kind: "service",
      id: key.id,
      scopes: new Set(["findings:push"]),
      source: "lab",
      callsPerMinute: 1_200,
    })
    const rows = await staff.db.selectFrom("service_keys").selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(token.slice(4))
    expect((await boss.browser.call("GET", "/v1/keys")).body).not.toContain(token.slice(4))
    expect(await eventsAbout(staff, key.id)).toEqual(["key.made"])
  })

  it.each([
    ["pushes findings and has no source", { ...push, source: undefined }],
    ["names a source that nobody enrolled", { ...push, source: "elsewhere" }],
    ["lives for longer than a year", { ...push, expiresInDays: 400 }],
    ["never ends", { ...push, expiresInDays: undefined }],
    ["may have no item screened", { ...push, callsPerMinute: 0 }],
    ["may have more screened than any key", { ...push, callsPerMinute: 1_000_001 }],
    ["has no scope", { ...push, scopes: [] }],
    ["has a scope that is a person's", { ...push, scopes: ["case:review"] }],
  ])("is not made if it %s", async (_what, body) => {
    await boss.signIn()
    expect((await boss.browser.call("POST", "/v1/keys", body)).json()).toMatchObject({ type: "input_invalid" })
  })

  it("has a limit of its own, which an event records and a rotation keeps", async () => {
    const screening = { name: "uploads", scopes: ["screen"], expiresInDays: 90, callsPerMinute: 30_000 }
    const { token, key } = await make(screening)
    expect(key).toMatchObject({ callsPerMinute: 30_000 })
    expect(await callerOf(token)).toMatchObject({ callsPerMinute: 30_000 })
    expect(await readEvents(staff.db, { subject: key.id })).toMatchObject([{ data: { callsPerMinute: 30_000 } }])
    await boss.signIn()
    const rotation = { overlapMinutes: 5, expiresInDays: 90 }
    const rotated = await boss.browser.call("POST", `/v1/keys/${key.id}/rotate`, rotation)
    expect(rotated.json()).toMatchObject({ key: { callsPerMinute: 30_000 } })
  })

  it("stops working the moment it is revoked, on every server", async () => {
    const other = await openStaff(db.database)
    const { token, key } = await make()
    expect(await other.keys.authenticate(token)).toBeDefined()
    expect((await boss.browser.call("DELETE", `/v1/keys/${key.id}`)).statusCode).toBe(200)
    expect(await other.keys.authenticate(token)).toBeUndefined()
    expect((await boss.browser.call("DELETE", `/v1/keys/${key.id}`)).json()).toMatchObject({ type: "state_conflict" })
    expect(await eventsAbout(staff, key.id)).toEqual(["key.made", "key.revoked"])
    await other.app.close()
  })

  it("stops working when it expires", async () => {
    const { token } = await make({ ...push, expiresInDays: 1 })
    staff.clock.move(DAY_MS - 1)
    expect(await callerOf(token)).toBeDefined()
    staff.clock.move(1)
    expect(await callerOf(token)).toBeUndefined()
  })

  it("stops working with its source", async () => {
    const [one, two] = [await make(), await make({ ...push, scopes: ["screen"], source: undefined })]
    staff.sources.delete("lab")
    expect(await callerOf(one.token)).toBeUndefined()
    expect(await callerOf(two.token)).toBeDefined()
    staff.sources.add("lab")
  })

  it("says when it was used, to the hour", async () => {
    const { token, key } = await make()
    await callerOf(token)
    const used = async () => (await staff.keys.list()).find(({ id }) => id === key.id)?.usedAt?.getTime()
    const first = await used()
    expect(first).toBe(staff.clock.now().getTime())
    staff.clock.move(3_599_999)
    await callerOf(token)
    expect(await used()).toBe(first)
    staff.clock.move(1)
    await callerOf(token)
    expect(await used()).toBe(staff.clock.now().getTime())
  })

  it("opens no route of people, whatever cookie comes with it", async () => {
    const { token } = await make()
    await boss.signIn()
    const call = (authorization: string) =>
      staff.app.inject({
        method: "GET",
        url: "/v1/keys",
        headers: { authorization, origin: "http://localhost" },
        cookies: Object.fromEntries(boss.browser.cookies),
      })
    expect((await call(`Bearer ${token}`)).statusCode).toBe(403)
    expect((await call("Bearer nlk_wrong")).statusCode).toBe(401)
    expect((await call("Basic abc")).statusCode).toBe(401)
  })

  it.each(["", "nlk_", `nlk_${"A".repeat(43)}`, "nlk_\u0000", `NLK_${"A".repeat(43)}`])("is not %j", async (token) => {
    expect(await callerOf(token)).toBeUndefined()
  })
})

describe("a service's key that is rotated", () => {
  const rotate = async (id: string, overlapMinutes = 60) => {
    await boss.signIn()
    return boss.browser.call("POST", `/v1/keys/${id}/rotate`, { overlapMinutes, expiresInDays: 90 })
  }
  const alarmOf = async (id: string) => {
    const open = await staff.alarms.list(true)
    return open.find(({ code, subject }) => code === "old-key-used" && subject === id)
  }

  it("gives its name, scopes and source to the new one, and both are taken until the overlap ends", async () => {
    const { token, key } = await make()
    const answer = await rotate(key.id)
    expect(answer.statusCode).toBe(201)
    const made: { token: string; key: { id: string } } = answer.json()
    expect(made.key).toMatchObject({ name: push.name, scopes: push.scopes, source: "lab" })
    expect(await callerOf(token)).toMatchObject({ id: key.id })
    expect(await alarmOf(key.id)).toBeUndefined()
    expect(await callerOf(made.token)).toMatchObject({ id: made.key.id, source: "lab" })
    const { keys }: { keys: { id: string }[] } = (await boss.browser.call("GET", "/v1/keys")).json()
    expect(keys.find(({ id }) => id === key.id)).toMatchObject({ replacedBy: made.key.id })
    expect(await eventsAbout(staff, key.id)).toEqual(["key.made", "key.rotated"])
  })

  it("is accepted and reported once the new one was used, as somebody else may have it", async () => {
    const { token, key } = await make()
    const { token: next }: { token: string } = (await rotate(key.id)).json()
    await callerOf(next)
    expect(await callerOf(token)).toMatchObject({ id: key.id })
    expect(await alarmOf(key.id)).toMatchObject({ data: { refused: false } })
  })

  it("is refused and reported after the overlap, also when it was revoked besides", async () => {
    const { token, key } = await make()
    await rotate(key.id, 5)
    staff.clock.move(5 * MINUTE_MS - 1)
    expect(await callerOf(token)).toBeDefined()
    staff.clock.move(1)
    expect(await callerOf(token)).toBeUndefined()
    expect(await alarmOf(key.id)).toMatchObject({ data: { refused: true } })
    const second = await make()
    await rotate(second.key.id)
    await boss.browser.call("DELETE", `/v1/keys/${second.key.id}`)
    expect(await callerOf(second.token)).toBeUndefined()
    expect(await alarmOf(second.key.id)).toMatchObject({ data: { refused: true } })
  })

  it("is rotated once: of two who do it at once, the second is told so and makes no key", async () => {
    const { key } = await make()
    const other = await addMember(staff, "administrator")
    await other.signIn()
    await boss.signIn()
    const count = async () => (await staff.db.selectFrom("service_keys").selectAll().execute()).length
    const before = await count()
    const body = { overlapMinutes: 60, expiresInDays: 90 }
    const answers = await Promise.all(
      [boss, other].map(({ browser }) => browser.call("POST", `/v1/keys/${key.id}/rotate`, body)),
    )
    expect(answers.map(({ statusCode }) => statusCode).sort((one, two) => one - two)).toEqual([201, 409])
    expect(await count()).toBe(before + 1)
    expect((await rotate("key-none")).json()).toMatchObject({ type: "state_conflict" })
  })

  it("is rotated again by whoever did it and lost the answer: the key that nobody has is dead, the overlap as before", async () => {
    const { token, key } = await make()
    const lost: { token: string; key: { id: string } } = (await rotate(key.id, 5)).json()
    const again = await rotate(key.id, 60)
    expect(again.statusCode).toBe(201)
    const made: { token: string; key: { id: string } } = again.json()
    expect(await callerOf(lost.token)).toBeUndefined()
    expect(await callerOf(token)).toMatchObject({ id: key.id })
    const { keys }: { keys: { id: string }[] } = (await boss.browser.call("GET", "/v1/keys")).json()
    expect(keys.filter(({ id }) => [key.id, lost.key.id].includes(id))).toMatchObject([
      { id: lost.key.id, revokedAt: expect.any(String) },
      { id: key.id, replacedBy: made.key.id },
    ])
    staff.clock.move(5 * MINUTE_MS)
    expect(await callerOf(token)).toBeUndefined()
    expect(await callerOf(made.token)).toMatchObject({ id: made.key.id })
    expect((await rotate(key.id)).json()).toMatchObject({ type: "state_conflict" })
  })

  it.each([0, 7 * 24 * 60 + 1])("does not live on for %s minutes beside the new one", async (overlapMinutes) => {
    const { key } = await make()
    expect((await rotate(key.id, overlapMinutes)).json()).toMatchObject({ type: "input_invalid" })
  })

  it("stays ended even if somebody deletes the record from the database", async () => {
    const { token, key } = await make()
    await rotate(key.id, 1)
    staff.clock.move(MINUTE_MS)
    await staff.db
      .updateTable("service_keys")
      .set({ replaced_by: null, overlap_ends_at: null })
      .where("id", "=", key.id)
      .execute()
    expect(await callerOf(token)).toBeUndefined()
  })
})

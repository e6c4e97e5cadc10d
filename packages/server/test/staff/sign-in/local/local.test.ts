import { MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readEvents } from "../../../../src/platform/events/read.ts"
import { untilWaiting, whileHeld } from "../../../support/held-row.ts"
import { addMember, browser, found, openStaff, PASSWORD, type Staff } from "../../../support/staff.ts"

const db = useDatabase()
let staff: Staff
beforeAll(async () => {
  staff = await openStaff(db.database, { workingHours: { timeZone: "UTC", from: "06:00", to: "22:00" } })
  await found(staff)
})
afterAll(() => staff.app.close())

const wrong = "not the password it is"

describe("signing in by password and code", () => {
  it("starts a session in a cookie that no script and no other site can use", async () => {
    const ada = await addMember(staff, "reporter")
    const answer = await ada.signIn()
    expect(answer.statusCode).toBe(200)
    expect([answer.headers["set-cookie"]].flat()).toEqual([
      expect.stringMatching(/^nightlight=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^nightlight-device=[\w-]+; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Strict$/),
    ])
    expect(answer.body).not.toContain(ada.browser.cookies.get("nightlight"))
    const me = await ada.browser.call("GET", "/v1/me")
    expect(me.json()).toMatchObject({ id: ada.id, roles: ["reporter"], session: { method: "local", current: true } })
  })

  it("starts none by a password that is changed while it is checked", async () => {
    const ada = await addMember(staff)
    const { local } = staff.signIn
    const actor = await ada.actor()
    const code = ada.code()
    const [changed, signedIn] = await whileHeld<unknown>(
      db.superuser,
      { table: "credentials", id: ada.id, column: "person_id" },
      [
        () => local.changePassword(actor, "another password than it was"),
        async () => {
          await untilWaiting(db.superuser, 1)
          return local.signIn(ada.email, { password: PASSWORD, code }, { address: "198.51.100.7", device: undefined })
        },
      ],
    )
    expect(changed).toMatchObject({ status: "fulfilled" })
    expect(signedIn).toMatchObject({ status: "rejected", reason: { code: "unauthenticated" } })
  })

  it("keeps no token: what the database holds signs nobody in", async () => {
    const ada = await addMember(staff)
    await ada.signIn()
    const token = ada.browser.cookies.get("nightlight") ?? ""
    const rows = await staff.db.selectFrom("sessions").selectAll().where("person_id", "=", ada.id).execute()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(token)
    const thief = browser(staff.app)
    thief.cookies.set("nightlight", rows[0]?.token_sha256 ?? "")
    expect((await thief.call("GET", "/v1/me")).statusCode).toBe(401)
  })

  it("names the cookie for this host alone, over TLS, where the origin is https", async () => {
    const tls = await openStaff(db.database, { origin: "https://nightlight.example" })
    const ada = await addMember(tls)
    const answer = await ada.signIn()
    expect([answer.headers["set-cookie"]].flat()).toEqual([
      expect.stringMatching(/^__Host-nightlight=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
      expect.stringMatching(/^__Host-nightlight-device=[\w-]+; Max-Age=15552000; .*HttpOnly; Secure; SameSite=Strict$/),
    ])
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(200)
    await tls.app.close()
  })

  it("has the browser forget our pages at sign-out, and when the session has ended, but not what the device is known by", async () => {
    const ada = await addMember(staff)
    await ada.signIn()
    const { cookies } = ada.browser
    const session = cookies.get("nightlight") ?? ""
    expect((await ada.browser.call("GET", "/v1/me")).headers).not.toHaveProperty("clear-site-data")
    expect((await ada.browser.call("POST", "/v1/sign-out")).headers["clear-site-data"]).toBe('"cache"')
    expect([...cookies.keys()]).toEqual(["nightlight-device"])
    cookies.set("nightlight", session)
    const ended = await ada.browser.call("GET", "/v1/me")
    expect([ended.statusCode, ended.headers["clear-site-data"]]).toEqual([401, '"cache"'])
  })

  it("answers the same to an unknown account, a wrong password, a wrong code and a code used before", async () => {
    const ada = await addMember(staff)
    const code = ada.code()
    const sign = (address: string, body: object) => browser(staff.app, address).call("POST", "/v1/sign-in", body)
    expect((await sign("192.0.2.1", { email: ada.email, password: PASSWORD, code })).statusCode).toBe(200)
    const answers = [
      await sign("192.0.2.2", { email: "nobody@example.org", password: PASSWORD, code }),
      await sign("192.0.2.3", { email: ada.email, password: wrong, code: ada.code() }),
      await sign("192.0.2.4", { email: ada.email, password: PASSWORD, code: "000000" }),
      await sign("192.0.2.5", { email: ada.email, password: PASSWORD, code }),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401])
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
  })

  it("takes one of two who send the same code at once", async () => {
    const ada = await addMember(staff)
    const body = { email: ada.email, password: PASSWORD, code: ada.code() }
    const answers = await Promise.all(
      [0, 1].map((hostOf) => browser(staff.app, `203.0.113.${hostOf}`).call("POST", "/v1/sign-in", body)),
    )
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 401])
  })

  it("lets nobody in who was deactivated, and ends what they had at once", async () => {
    const ada = await addMember(staff, "reviewer")
    const boss = await addMember(staff, "administrator")
    await ada.signIn()
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(200)
    await staff.people.deactivate(await boss.actor(), ada.id)
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(401)
    expect((await ada.signIn()).statusCode).toBe(401)
  })

  it("raises an alarm for a sign-in at an odd hour", async () => {
    const ada = await addMember(staff)
    await ada.signIn()
    const alarms = async () => (await staff.alarms.list(true)).filter(({ subject }) => subject === ada.id)
    expect(await alarms()).toEqual([])
    const now = staff.clock.now()
    const night = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 3)
    staff.clock.move(night - now.getTime())
    await ada.signIn()
    expect(await alarms()).toMatchObject([{ code: "sign-in-odd-hour", times: 1 }])
    staff.clock.move(9 * 60 * MINUTE_MS)
  })
})

describe("a session", () => {
  it("ends after 30 minutes without a call, and not before", async () => {
    const ada = await addMember(staff)
    await ada.signIn()
    for (let call = 0; call < 3; call++) {
      staff.clock.move(29 * MINUTE_MS)
      expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(200)
    }
    staff.clock.move(30 * MINUTE_MS)
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(401)
  })

  it("ends after eight hours, however busy", async () => {
    const ada = await addMember(staff)
    await ada.signIn()
    for (let call = 0; call < 19; call++) {
      staff.clock.move(25 * MINUTE_MS)
      expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(200)
    }
    staff.clock.move(5 * MINUTE_MS)
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(401)
  })

  it("is listed, and ended one by one or by signing out; another's is not there", async () => {
    const ada = await addMember(staff)
    await ada.signIn()
    const phone = browser(staff.app, "203.0.113.99")
    await phone.call("POST", "/v1/sign-in", { email: ada.email, password: PASSWORD, code: ada.code() })
    const list = (await ada.browser.call("GET", "/v1/me/sessions")).json<{
      sessions: { id: string; current: boolean }[]
    }>()
    expect(list.sessions.map(({ current }) => current)).toEqual([false, true])
    const other = await addMember(staff)
    await other.signIn()
    const foreign = await other.browser.call("DELETE", `/v1/me/sessions/${list.sessions[0]?.id}`)
    expect(foreign.statusCode).toBe(404)
    expect((await phone.call("GET", "/v1/me")).statusCode).toBe(200)
    await ada.browser.call("DELETE", `/v1/me/sessions/${list.sessions[0]?.id}`)
    expect((await phone.call("GET", "/v1/me")).statusCode).toBe(401)
    const token = ada.browser.cookies.get("nightlight") ?? ""
    expect((await ada.browser.call("POST", "/v1/sign-out")).statusCode).toBe(200)
    expect(ada.browser.cookies.has("nightlight")).toBe(false)
    ada.browser.cookies.set("nightlight", token)
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(401)
    expect(await readEvents(staff.db, { actor: ada.id, type: "session.ended" })).toHaveLength(2)
  })

  it("proves itself for ten minutes at a time", async () => {
    const boss = await addMember(staff, "administrator")
    await boss.signIn()
    const make = () => boss.browser.call("POST", "/v1/keys", { name: "guard", scopes: ["screen"], expiresInDays: 30 })
    expect((await make()).statusCode).toBe(201)
    staff.clock.move(10 * MINUTE_MS)
    expect((await make()).json()).toMatchObject({ type: "step_up_required", status: 403 })
    expect((await boss.browser.call("POST", "/v1/step-up", { password: wrong, code: boss.code() })).statusCode).toBe(
      401,
    )
    expect((await make()).statusCode).toBe(403)
    expect((await boss.stepUp()).statusCode).toBe(200)
    expect((await make()).statusCode).toBe(201)
  })

  it("ends everywhere else when the password is changed, which then signs in", async () => {
    const ada = await addMember(staff)
    await ada.signIn()
    const phone = browser(staff.app, "203.0.113.98")
    await phone.call("POST", "/v1/sign-in", { email: ada.email, password: PASSWORD, code: ada.code() })
    const next = "another long sentence"
    expect((await ada.browser.call("POST", "/v1/me/password", { password: "abcdefghijklmnop" })).statusCode).toBe(400)
    expect((await ada.browser.call("POST", "/v1/me/password", { password: next })).statusCode).toBe(200)
    expect((await phone.call("GET", "/v1/me")).statusCode).toBe(401)
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(200)
    expect((await ada.signIn()).statusCode).toBe(401)
    const again = await phone.call("POST", "/v1/sign-in", { email: ada.email, password: next, code: ada.code() })
    expect(again.statusCode).toBe(200)
  })
})

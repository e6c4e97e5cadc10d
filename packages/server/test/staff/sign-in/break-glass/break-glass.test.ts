import { DAY_MS, RequestError } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { useFoundStaff } from "../../../support/found-staff.ts"
import { addMember, eventsAbout, PASSWORD, useLink } from "../../../support/staff.ts"

const people = useFoundStaff()

const proven = async () => undefined
const wrong = async () => {
  throw new RequestError("passphrase_wrong", "the passphrase does not open the key")
}
const openAlarms = async (subject: string) =>
  (await people.staff.alarms.list(true)).filter((alarm) => alarm.subject === subject).map(({ code }) => code)

describe("break-glass access", () => {
  it("takes the passphrase, raises an alarm at once, and waits a day", async () => {
    const { breakGlass } = people.staff.signIn
    const of = { kind: "reset", personId: people.second.id } as const
    await expect(breakGlass.request(of, wrong)).rejects.toMatchObject({ code: "passphrase_wrong" })
    expect(await breakGlass.list()).toEqual([])
    const request = await breakGlass.request(of, proven)
    expect(await openAlarms(request.id)).toEqual(["break-glass-requested"])
    people.staff.clock.move(DAY_MS - 1)
    await expect(breakGlass.open(request.id, proven)).rejects.toMatchObject({ code: "state_conflict" })
    await people.second.signIn()
    people.staff.clock.move(1)
    await expect(breakGlass.open(request.id, wrong)).rejects.toMatchObject({ code: "passphrase_wrong" })
    expect((await people.second.browser.call("GET", "/v1/me")).statusCode).toBe(200)
    const link = await breakGlass.open(request.id, proven)
    expect((await people.second.browser.call("GET", "/v1/me")).statusCode).toBe(401)
    expect((await openAlarms(request.id)).toSorted()).toEqual(["break-glass-opened", "break-glass-requested"])
    await expect(breakGlass.open(request.id, proven)).rejects.toMatchObject({ code: "state_conflict" })
    expect(await eventsAbout(people.staff, request.id)).toEqual([
      "break-glass.requested",
      "alarm.raised",
      "break-glass.opened",
      "alarm.raised",
    ])
    ;({ member: people.second } = await useLink(people.staff, link.url, { email: people.second.email }))
    expect(await people.staff.people.areIndependent(people.first.id, people.second.id)).toBe(true)
  })

  it("is cancelled by any administrator while it waits", async () => {
    const { breakGlass } = people.staff.signIn
    const request = await breakGlass.request({ kind: "administrator", name: "X", email: "x@example.org" }, proven)
    await people.first.signIn()
    const list = await people.first.browser.call("GET", "/v1/break-glass")
    expect(list.json<{ requests: unknown[] }>().requests[0]).toMatchObject({ id: request.id, state: "waiting" })
    const cancelled = await people.first.browser.call("POST", `/v1/break-glass/${request.id}/cancel`)
    expect(cancelled.json()).toMatchObject({ state: "cancelled", decidedBy: people.first.id })
    people.staff.clock.move(DAY_MS)
    await expect(breakGlass.open(request.id, proven)).rejects.toMatchObject({ code: "state_conflict" })
    expect(await people.staff.people.findByEmail("x@example.org")).toBeUndefined()
  })

  it("makes a new administrator who counts as a second for those who are there", async () => {
    const { breakGlass } = people.staff.signIn
    const request = await breakGlass.request({ kind: "administrator", name: "New", email: "new@example.org" }, proven)
    people.staff.clock.move(DAY_MS)
    const link = await breakGlass.open(request.id, proven)
    const { member } = await useLink(people.staff, link.url, { email: "new@example.org" })
    expect(await people.staff.people.areIndependent(people.first.id, member.id)).toBe(true)
    expect((await people.staff.people.get(member.id)).roles).toMatchObject([
      { role: "administrator", requestedBy: "system-host" },
    ])
  })

  it("is for administrators alone", async () => {
    const reporter = await addMember(people.staff, "reporter")
    const of = { kind: "reset", personId: reporter.id } as const
    await expect(people.staff.signIn.breakGlass.request(of, proven)).rejects.toMatchObject({ code: "state_conflict" })
    await reporter.signIn()
    expect((await reporter.browser.call("GET", "/v1/break-glass")).statusCode).toBe(403)
  })
})

describe("old sign-in data", () => {
  it("is swept after 30 days: sessions, links and tries, never a live session", async () => {
    const ada = await addMember(people.staff)
    people.staff.clock.move(40 * DAY_MS)
    await ada.signIn()
    await people.staff.signIn.sweep()
    const count = async (table: "sessions" | "sign_in_links" | "sign_in_throttles") =>
      (await people.staff.db.selectFrom(table).selectAll().execute()).length
    expect(await count("sessions")).toBe(1)
    expect(await count("sign_in_links")).toBe(0)
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(200)
  })
})

describe("no secret", () => {
  it("lies in clear in any table or event: no password, no authenticator's secret, no token", async () => {
    const ada = await addMember(people.staff, "reporter")
    await ada.signIn()
    const secrets = [
      PASSWORD,
      ada.totp.secret.base32,
      ada.totp.secret.hex,
      ada.browser.cookies.get("nightlight") ?? "-",
    ]
    const { rows } = await people.db.database.pool.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.table_privileges WHERE privilege_type = 'SELECT' AND grantee = 'nightlight_app' AND table_schema = 'public'",
    )
    expect(rows.length).toBeGreaterThan(15)
    for (const { name } of rows) {
      const text = JSON.stringify((await people.db.database.pool.query(`SELECT t::text FROM ${name} AS t`)).rows)
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
    }
    const events = await people.db.database.pool.query<{ line: string }>("SELECT line FROM events")
    expect(events.rows.filter(({ line }) => /example\.org|Somebody/.test(line))).toEqual([])
  })
})

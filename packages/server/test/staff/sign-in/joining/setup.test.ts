import { createDatabase } from "@nightlight/dev-env/database/postgres"
import { describe, expect, it } from "vitest"
import { browser, eventsAbout, found, openStaff, PASSWORD, type Staff, useLink } from "../../../support/staff.ts"

/** Set-up happens once an installation, so each test has a database of its own. */
async function withStaff(work: (staff: Staff) => Promise<void>): Promise<void> {
  const own = await createDatabase()
  try {
    const staff = await openStaff(own.database)
    await work(staff)
    await staff.app.close()
  } finally {
    await own.drop()
  }
}

const second = { name: "Second", email: "second@example.org" }
const setup = { name: "First", second }
const first = { email: "first@example.org", setup }
const body = { name: "First", email: "first@example.org", password: PASSWORD, second }
const tokenOf = (url: string | undefined) => (url ?? "").split("#")[1] ?? ""

describe("set-up", () => {
  it("makes the first administrator by link and code, and invites the second at once", () =>
    withStaff(async (staff) => {
      expect((await browser(staff.app).call("GET", "/v1/sign-in")).json()).toEqual({
        setUp: false,
        passwords: true,
        issuers: [],
        demo: false,
        passkeys: { rpId: "localhost" },
      })
      const { first: one, second: two } = await found(staff)
      const me = await one.browser.call("GET", "/v1/me")
      expect(me.json()).toMatchObject({ id: one.id, roles: ["administrator"] })
      expect((await staff.people.get(two.id)).madeBy).toBe("system-setup")
      expect(await staff.people.areIndependent(one.id, two.id)).toBe(true)
      expect(await eventsAbout(staff, one.id)).toContain("setup.begun")
      expect((await browser(staff.app).call("GET", "/v1/sign-in")).json()).toMatchObject({ setUp: true })
    }))

  it("opens nothing any more once there is an administrator", () =>
    withStaff(async (staff) => {
      const early = await staff.signIn.joining.createSetupLink()
      const late = await staff.signIn.joining.createSetupLink()
      const voided = await browser(staff.app).call("POST", "/v1/setup", { token: tokenOf(early?.url), ...body })
      expect(voided.statusCode).toBe(404)
      await useLink(staff, late?.url ?? "", first)
      const again = await browser(staff.app).call("POST", "/v1/setup", { token: tokenOf(late?.url), ...body })
      expect(again.statusCode).toBe(404)
      expect(await staff.signIn.joining.createSetupLink()).toBeUndefined()
    }))

  it("makes one first administrator of two who opened a link each", () =>
    withStaff(async (staff) => {
      const one = await staff.signIn.joining.createSetupLink()
      const opened = await browser(staff.app).call("POST", "/v1/setup", { token: tokenOf(one?.url), ...body })
      expect(opened.statusCode).toBe(200)
      const other = await staff.signIn.joining.createSetupLink()
      await useLink(staff, other?.url ?? "", first)
      const { enrolment } = opened.json<{ enrolment: string }>()
      const late = await browser(staff.app).call("POST", "/v1/join/confirm", { enrolment, code: "000000" })
      expect(late.statusCode).toBe(404)
      expect((await staff.people.roster()).map(({ email }) => email).toSorted()).toEqual([first.email, second.email])
    }))

  it("refuses a link that is older than 15 minutes, and does not use one up for a weak password", () =>
    withStaff(async (staff) => {
      const link = await staff.signIn.joining.createSetupLink()
      const token = tokenOf(link?.url)
      const weak = await browser(staff.app).call("POST", "/v1/setup", { token, ...body, password: "aaaaaaaaaaaa" })
      expect(weak.json()).toMatchObject({ type: "input_invalid", status: 400 })
      staff.clock.move(14 * 60_000)
      expect((await browser(staff.app).call("POST", "/v1/setup", { token, ...body })).statusCode).toBe(200)
      const next = await staff.signIn.joining.createSetupLink()
      staff.clock.move(15 * 60_000)
      const late = await browser(staff.app).call("POST", "/v1/setup", { token: tokenOf(next?.url), ...body })
      expect(late.statusCode).toBe(404)
    }))

  it("lets the first administrator do nothing alone but invite the second", () =>
    withStaff(async (staff) => {
      const link = await staff.signIn.joining.createSetupLink()
      const made = await useLink(staff, link?.url ?? "", first)
      const { browser: own, id } = made.member
      await made.member.signIn()
      const third = { name: "Third", email: "third@example.org" }
      expect((await own.call("POST", "/v1/people", third)).json()).toMatchObject({ type: "state_conflict" })

      const anew = await own.call("POST", "/v1/setup/second", third)
      expect(anew.statusCode).toBe(200)
      const old = await browser(staff.app).call("POST", "/v1/join", {
        token: tokenOf(made.second?.url),
        oneTimeCode: "0",
        password: PASSWORD,
      })
      expect(old.statusCode).toBe(404)
      const joined = await useLink(staff, anew.json<{ url: string }>().url, { email: third.email })
      expect(await staff.people.areIndependent(id, joined.member.id)).toBe(true)
      expect((await own.call("POST", "/v1/setup/second", second)).json()).toMatchObject({ type: "state_conflict" })
      expect((await own.call("POST", "/v1/people", second)).statusCode).toBe(201)
    }))
})

import { TOTP } from "otpauth"
import { Client } from "pg"
import { describe, expect, it } from "vitest"
import { useFoundStaff } from "../../support/found-staff.ts"
import { untilWaiting, whileHeld } from "../../support/held-row.ts"
import { addMember, browser, codeFor, eventsAbout, type Member, PASSWORD, useLink } from "../../support/staff.ts"

const people = useFoundStaff()

let number = 0
/** Invited by the first administrator, and joined. */
async function invite(by: Member = people.first): Promise<Member> {
  await by.signIn()
  const email = `person-${number++}@example.org`
  const answer = await by.browser.call("POST", "/v1/people", { name: "Somebody", email })
  return (await useLink(people.staff, answer.json<{ url: string }>().url, { email })).member
}
async function requestRole(by: Member, of: Member, role: string) {
  await by.signIn()
  return by.browser.call("POST", `/v1/people/${of.id}/roles`, { role })
}
async function approveRequest(by: Member, asked: { json<T>(): T }) {
  await by.signIn()
  return by.browser.call("POST", `/v1/approvals/${asked.json<{ id: string }>().id}/approve`)
}

describe("an invitation", () => {
  it("makes somebody without any role, by a link that works once and for a day", async () => {
    await people.first.signIn()
    const answer = await people.first.browser.call("POST", "/v1/people", { name: "Ada", email: "Ada@Example.org" })
    expect(answer.statusCode).toBe(201)
    const { url, personId } = answer.json<{ url: string; personId: string }>()
    expect(url).toMatch(/^http:\/\/localhost\/join#[\w-]{43}$/)
    const token = url.split("#")[1] ?? ""
    const { member } = await useLink(people.staff, url, { email: "ada@example.org" })
    expect(member.id).toBe(personId)
    const again = await browser(people.staff.app).call("POST", "/v1/join", {
      token,
      oneTimeCode: "0",
      password: PASSWORD,
    })
    expect(again.json()).toMatchObject({ type: "not_found" })
    await member.signIn()
    expect((await member.browser.call("GET", "/v1/me")).json()).toMatchObject({ roles: [] })
    expect((await member.browser.call("GET", "/v1/people")).statusCode).toBe(403)
    const same = await people.first.browser.call("POST", "/v1/people", { name: "Ada", email: "ada@example.org" })
    expect(same.json()).toMatchObject({ type: "state_conflict" })
  })

  it("is void after a day, and after a newer one", async () => {
    await people.first.signIn()
    const made = await people.first.browser.call("POST", "/v1/people", { name: "Ben", email: "ben@example.org" })
    const { url, personId } = made.json<{ url: string; personId: string }>()
    const newer = await people.first.browser.call("POST", `/v1/people/${personId}/invitation`)
    const join = async (link: string) => {
      const [code] = await people.staff.signIn.codes.make([personId])
      const body = { token: link.split("#")[1] ?? "", oneTimeCode: code?.code, password: PASSWORD }
      return browser(people.staff.app).call("POST", "/v1/join", body)
    }
    expect((await join(url)).statusCode).toBe(404)
    people.staff.clock.move(24 * 3_600_000)
    expect((await join(newer.json<{ url: string }>().url)).statusCode).toBe(404)
    await people.first.signIn()
    const last = await people.first.browser.call("POST", `/v1/people/${personId}/invitation`)
    expect((await join(last.json<{ url: string }>().url)).statusCode).toBe(200)
  })

  it("is used by one of two who hold it and come at once", async () => {
    await people.first.signIn()
    const made = await people.first.browser.call("POST", "/v1/people", { name: "Two", email: "two@example.org" })
    const { url, personId } = made.json<{ url: string; personId: string }>()
    const { id } = await people.staff.db
      .selectFrom("sign_in_links")
      .select("id")
      .where("person_id", "=", personId)
      .executeTakeFirstOrThrow()
    const token = url.split("#")[1] ?? ""
    const code = await codeFor(people.staff, token)
    const join = () => people.staff.signIn.joining.join(token, PASSWORD, { oneTimeCode: code })
    const outcomes = await whileHeld(people.db.superuser, { table: "sign_in_links", id }, [join, join])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
  })

  it("is not made anew for somebody who joins by the last one at the same time", async () => {
    await people.first.signIn()
    const made = await people.first.browser.call("POST", "/v1/people", { name: "Kim", email: "kim@example.org" })
    const { url, personId } = made.json<{ url: string; personId: string }>()
    const { joining } = people.staff.signIn
    const token = url.split("#")[1] ?? ""
    const oneTimeCode = await codeFor(people.staff, token)
    const { enrolment, otpauthUri } = await joining.join(token, PASSWORD, { oneTimeCode })
    const totp = new TOTP({ secret: new URL(otpauthUri).searchParams.get("secret") ?? "" })
    const code = totp.generate({ timestamp: people.staff.clock.now().getTime() })
    const by = await people.first.actor()
    const writer = new Client(people.db.superuser)
    await writer.connect()
    await writer.query("BEGIN")
    // Holds the log's lock, so that joining cannot commit before the administrator has read.
    await writer.query("SELECT pg_advisory_xact_lock(7421001)")
    const joins = joining.confirm(enrolment, code)
    await untilWaiting(people.db.superuser, 1)
    const outcomes = Promise.allSettled([joins, joining.inviteAgain(by, personId)])
    await untilWaiting(people.db.superuser, 2)
    await writer.query("COMMIT")
    await writer.end()
    expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected"])
  })

  it("cannot be ended with a wrong code, and then can with the right one", async () => {
    await people.first.signIn()
    const made = await people.first.browser.call("POST", "/v1/people", { name: "Eve", email: "eve@example.org" })
    const token = made.json<{ url: string }>().url.split("#")[1] ?? ""
    const own = browser(people.staff.app)
    const oneTimeCode = await codeFor(people.staff, token)
    const opened = await own.call("POST", "/v1/join", { token, oneTimeCode, password: PASSWORD })
    const { enrolment } = opened.json<{ enrolment: string }>()
    const wrong = await own.call("POST", "/v1/join/confirm", { enrolment, code: "000000" })
    expect(wrong.json()).toMatchObject({ type: "input_invalid" })
    people.staff.clock.move(15 * 60_000)
    const late = await own.call("POST", "/v1/join/confirm", { enrolment, code: "000000" })
    expect(late.json()).toMatchObject({ type: "not_found" })
  })
})

describe("a role", () => {
  it("is granted by two administrators, and takes effect at the next call", async () => {
    const ada = await invite()
    await ada.signIn()
    const asked = await requestRole(people.first, ada, "auditor")
    expect(asked.statusCode).toBe(202)
    expect((await ada.browser.call("GET", "/v1/people")).statusCode).toBe(403)
    expect((await approveRequest(people.first, asked)).json()).toMatchObject({ type: "second_person_required" })
    expect((await approveRequest(people.second, asked)).statusCode).toBe(200)
    expect((await ada.browser.call("GET", "/v1/people")).statusCode).toBe(200)
    expect(await eventsAbout(people.staff, ada.id)).toContain("role.granted")
    expect((await people.staff.people.get(ada.id)).roles).toMatchObject([
      { role: "auditor", requestedBy: people.first.id, approvedBy: people.second.id },
    ])
  })

  it("is taken away by one, at once", async () => {
    const ada = await invite()
    await approveRequest(people.second, await requestRole(people.first, ada, "auditor"))
    await ada.signIn()
    expect((await ada.browser.call("GET", "/v1/people")).statusCode).toBe(200)
    await people.first.signIn()
    expect((await people.first.browser.call("DELETE", `/v1/people/${ada.id}/roles/auditor`)).statusCode).toBe(200)
    expect((await ada.browser.call("GET", "/v1/people")).statusCode).toBe(403)
  })

  it("cannot be held with a role that excludes it", async () => {
    const ada = await invite()
    await approveRequest(people.second, await requestRole(people.first, ada, "reviewer"))
    const clash = await approveRequest(people.second, await requestRole(people.first, ada, "administrator"))
    expect(clash.json()).toMatchObject({ type: "state_conflict", role: "administrator", other: "reviewer" })
  })

  it("is not both of two that do not go together when both are approved at once", async () => {
    const ada = await invite()
    const [one, two] = [
      await requestRole(people.first, ada, "administrator"),
      await requestRole(people.second, ada, "reviewer"),
    ]
    const idOf = (asked: typeof one) => asked.json<{ id: string }>().id
    const [a, b] = [await people.first.actor(), await people.second.actor()]
    const outcomes = await whileHeld(people.db.superuser, { table: "people", id: ada.id }, [
      () => people.staff.approvals.approve(b, idOf(one)),
      () => people.staff.approvals.approve(a, idOf(two)),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
    expect((await people.staff.people.get(ada.id)).roles).toHaveLength(1)
  })

  it("is neither asked for nor approved by whoever gets it", async () => {
    expect((await requestRole(people.first, people.first, "policy-editor")).json()).toMatchObject({ type: "forbidden" })
    const asked = await requestRole(people.first, people.second, "policy-editor")
    expect((await approveRequest(people.second, asked)).json()).toMatchObject({ type: "second_person_required" })
  })

  it("makes neither of two people the approver of the other after one invited, granted or approved", async () => {
    const puppet = await invite()
    await approveRequest(people.second, await requestRole(people.first, puppet, "administrator"))
    await puppet.signIn()
    const [ada, ben] = [await invite(), await invite(people.second)]
    for (const [by, other] of [
      [people.first, puppet],
      [puppet, people.first],
      [people.second, puppet],
      [puppet, people.second],
    ] as const) {
      const asked = await requestRole(by, ada, "counsel")
      expect((await approveRequest(other, asked)).json()).toMatchObject({ type: "second_person_required" })
      await by.browser.call("POST", `/v1/approvals/${asked.json<{ id: string }>().id}/decline`)
    }
    const free = await addMember(people.staff, "administrator")
    await free.signIn()
    expect((await approveRequest(free, await requestRole(puppet, ben, "counsel"))).statusCode).toBe(200)
  })
})

describe("a reset", () => {
  it("needs two people, ends all credentials, and ties both to the person for good", async () => {
    const ada = await invite()
    await ada.signIn()
    await people.first.signIn()
    const asked = await people.first.browser.call("POST", `/v1/people/${ada.id}/reset`)
    expect(asked.statusCode).toBe(202)
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(200)
    const approved = await approveRequest(people.second, asked)
    const { result } = approved.json<{ result: { url: string } }>()
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(401)
    expect((await ada.signIn()).statusCode).toBe(401)
    const { member } = await useLink(people.staff, result.url, { email: ada.email })
    expect(member.id).toBe(ada.id)
    expect((await member.signIn()).statusCode).toBe(200)
    for (const by of [people.first, people.second])
      expect(await people.staff.people.areIndependent(by.id, ada.id)).toBe(false)
    const stored = await people.staff.db.selectFrom("approvals").selectAll().execute()
    expect(JSON.stringify(stored)).not.toContain(result.url.split("#")[1])
  })
})

describe("somebody who leaves", () => {
  it("is deactivated at once, by one administrator, and may be invited again as a new person", async () => {
    const ada = await invite()
    await ada.signIn()
    await people.first.signIn()
    expect((await people.first.browser.call("POST", `/v1/people/${ada.id}/deactivate`)).statusCode).toBe(200)
    expect((await ada.browser.call("GET", "/v1/me")).statusCode).toBe(401)
    const again = await people.first.browser.call("POST", `/v1/people/${ada.id}/deactivate`)
    expect(again.json()).toMatchObject({ type: "state_conflict" })
    expect((await requestRole(people.first, ada, "auditor")).statusCode).toBe(409)
    const anew = await people.first.browser.call("POST", "/v1/people", { name: "Ada", email: ada.email })
    expect(anew.statusCode).toBe(201)
    expect(anew.json<{ personId: string }>().personId).not.toBe(ada.id)
  })

  it("is not the last administrator, even when the last two leave at once", async () => {
    const administrators = (await people.staff.people.roster()).filter(
      ({ roles, deactivatedAt }) => deactivatedAt === undefined && roles.some(({ role }) => role === "administrator"),
    )
    const boss = await people.first.actor()
    for (const { id } of administrators)
      if (![people.first.id, people.second.id].includes(id)) await people.staff.people.deactivate(boss, id)
    const outcomes = await whileHeld(people.db.superuser, { table: "people", id: people.first.id }, [
      () => people.staff.people.deactivate(boss, people.first.id),
      () => people.staff.people.removeRole(boss, people.second.id, "administrator"),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
  })
})

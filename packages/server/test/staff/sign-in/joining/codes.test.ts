import { describe, expect, it } from "vitest"
import { useFoundStaff } from "../../../support/found-staff.ts"
import { browser, codeFor, eventsAbout, type Member, PASSWORD, useLink } from "../../../support/staff.ts"
import { asSuperuser, putRowBack } from "../../../support/superuser.ts"

let invitations = 0
const people = useFoundStaff()

const tokenOf = (url: string) => url.slice(url.indexOf("#") + 1)

/** Somebody invited, whose link is in the administrator's hand. */
async function invite(
  by: Member = people.first,
): Promise<{ personId: string; email: string; token: string; url: string }> {
  const email = `invited-${++invitations}@example.org`
  await by.signIn()
  const made = await by.browser.call("POST", "/v1/people", { name: "Invited", email })
  const { personId, url } = made.json<{ personId: string; url: string }>()
  return { personId, email, url, token: tokenOf(url) }
}
const rowsOf = (personId: string) =>
  asSuperuser(people.db, ({ run }) => run("SELECT * FROM joining_codes WHERE person_id = $1", personId))
const join = (token: string, oneTimeCode: string | undefined) =>
  browser(people.staff.app).call("POST", "/v1/join", { token, oneTimeCode, password: PASSWORD })

describe("a link's one-time code", () => {
  it("is required for every invitation: the person who made the link cannot use it", async () => {
    const { token } = await invite()
    expect((await join(token, undefined)).statusCode).toBe(400)
    expect((await join(token, "00000-00000-00000-00000-00000")).json()).toMatchObject({ type: "forbidden" })
    expect((await join(token, await codeFor(people.staff, token))).statusCode).toBe(200)
  })

  it("is taken in small letters and without its hyphens", async () => {
    const { token } = await invite()
    const code = (await codeFor(people.staff, token)).toLowerCase().replaceAll("-", " ")
    expect((await join(token, code)).statusCode).toBe(200)
  })

  it("opens another person's link never", async () => {
    const [one, other] = [await invite(), await invite()]
    const code = await codeFor(people.staff, one.token)
    await codeFor(people.staff, other.token)
    expect((await join(other.token, code)).json()).toMatchObject({ type: "forbidden" })
    expect((await join(one.token, code)).statusCode).toBe(200)
  })

  it("is required for a reset too, and again for the next one", async () => {
    const { url, email, personId } = await invite()
    const { member } = await useLink(people.staff, url, { email })
    const reset = async () => {
      await people.first.signIn()
      const asked = await people.first.browser.call("POST", `/v1/people/${personId}/reset`)
      await people.second.signIn()
      const done = await people.second.browser.call("POST", `/v1/approvals/${asked.json<{ id: string }>().id}/approve`)
      return tokenOf(done.json<{ result: { url: string } }>().result.url)
    }
    const token = await reset()
    expect((await join(token, "wrong")).json()).toMatchObject({ type: "forbidden" })
    const code = await codeFor(people.staff, token)
    expect((await join(token, code)).statusCode).toBe(200)
    expect((await join(await reset(), code)).json()).toMatchObject({ type: "forbidden" })
    expect(await member.signIn()).toMatchObject({ statusCode: 401 })
  })

  it("is void after a day, after a newer one, and once it was used", async () => {
    const { token, personId } = await invite()
    const old = await codeFor(people.staff, token)
    const newer = await codeFor(people.staff, token)
    expect((await join(token, old)).statusCode).toBe(403)
    people.staff.clock.move(24 * 3_600_000)
    await people.first.signIn()
    const again = await people.first.browser.call("POST", `/v1/people/${personId}/invitation`)
    const link = tokenOf(again.json<{ url: string }>().url)
    expect((await join(link, newer)).statusCode).toBe(403)
    const last = await codeFor(people.staff, link)
    expect((await join(link, last)).statusCode).toBe(200)
    const once = await people.first.browser.call("POST", `/v1/people/${personId}/invitation`)
    expect((await join(tokenOf(once.json<{ url: string }>().url), last)).statusCode).toBe(403)
  })

  it("is deleted after the fifth wrong try, with an alarm", async () => {
    const { token, personId } = await invite()
    const code = await codeFor(people.staff, token)
    for (let tries = 0; tries < 5; tries++) expect((await join(token, `wrong ${tries}`)).statusCode).toBe(403)
    expect((await join(token, code)).statusCode).toBe(403)
    expect((await people.staff.alarms.list(true)).map(({ code: of, subject }) => [of, subject])).toContainEqual([
      "joining-code-guessed",
      personId,
    ])
    expect(await eventsAbout(people.staff, personId)).toContain("joining-code.failed")
  })

  it("of two who use one link and one code at once lets one in", async () => {
    const { token } = await invite()
    const code = await codeFor(people.staff, token)
    const answers = await Promise.all([join(token, code), join(token, code), join(token, code)])
    expect(answers.map(({ statusCode }) => statusCode).filter((status) => status === 200)).toHaveLength(1)
  })

  it("is not accepted when somebody else wrote it into the database", async () => {
    const [one, other] = [await invite(), await invite()]
    const code = await codeFor(people.staff, one.token)
    const { sealed } = await people.staff.db
      .selectFrom("joining_codes")
      .select("sealed")
      .where("person_id", "=", one.personId)
      .executeTakeFirstOrThrow()
    const row = { person_id: other.personId, sealed, made_at: new Date() }
    await people.staff.db.insertInto("joining_codes").values(row).execute()
    expect((await join(other.token, code)).statusCode).not.toBe(200)
  })

  it("is tried five times and used once, whatever rows somebody puts back in the database", async () => {
    const { token, personId } = await invite()
    const older = await codeFor(people.staff, token)
    const [before] = await rowsOf(personId)
    people.staff.clock.move(1_000)
    const code = await codeFor(people.staff, token)
    const [kept] = await rowsOf(personId)
    const putBack = async (row: unknown) => {
      await asSuperuser(people.db, ({ run }) => run("DELETE FROM joining_codes WHERE person_id = $1", personId))
      await putRowBack(people.db, "joining_codes", row)
    }
    await putBack(before)
    expect((await join(token, older)).json()).toMatchObject({ type: "forbidden" })
    for (let tries = 1; tries <= 4; tries++) {
      await putBack(kept)
      expect((await join(token, "00000-00000-00000-00000-00000")).json()).toMatchObject({ type: "forbidden" })
    }
    await putBack(kept)
    expect((await join(token, code)).json()).toMatchObject({ type: "forbidden" })

    const other = await invite()
    const good = await codeFor(people.staff, other.token)
    const [unused] = await rowsOf(other.personId)
    expect((await join(other.token, good)).statusCode).toBe(200)
    await putRowBack(people.db, "joining_codes", unused)
    const id = other.personId as Member["id"]
    await expect(people.staff.signIn.codes.check(id, good)).rejects.toMatchObject({ code: "forbidden" })
  })

  it("is made for nobody who is unknown or was deactivated, and then for none of the others", async () => {
    const { personId, email } = await invite()
    await expect(people.staff.signIn.codes.make([email, "nobody@example.org"])).rejects.toMatchObject({
      code: "not_found",
    })
    expect(await people.staff.db.selectFrom("joining_codes").where("person_id", "=", personId).execute()).toEqual([])
    await people.staff.people.deactivate(await people.first.actor(), personId)
    await expect(people.staff.signIn.codes.make([personId])).rejects.toMatchObject({ code: "state_conflict" })
  })
})

describe("two whom one administrator invited", () => {
  it("do not count as two people, whoever gave them their roles; after 90 days they do", async () => {
    const [one, other, third] = [await invite(people.first), await invite(people.first), await invite(people.second)]
    for (const { url, email } of [one, other, third]) await useLink(people.staff, url, { email })
    expect(await people.staff.people.areIndependent(one.personId, other.personId)).toBe(false)
    expect(await people.staff.people.areIndependent(one.personId, third.personId)).toBe(true)
    people.staff.clock.move(90 * 86_400_000)
    expect(await people.staff.people.areIndependent(one.personId, other.personId)).toBe(true)
  })
})

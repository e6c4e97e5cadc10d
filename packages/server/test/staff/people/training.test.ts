import { DAY_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { can, NEEDS_TRAINING, PERMISSIONS } from "../../../src/platform/auth/permissions.ts"
import { renewalOf } from "../../../src/staff/people/training.ts"
import { addMember, eventsAbout, openStaff, type Staff } from "../../support/staff.ts"

const db = useDatabase()
let staff: Staff
beforeAll(async () => {
  staff = await openStaff(db.database)
})
afterAll(() => staff.app.close())

describe("renewalOf", () => {
  it.each([
    ["2026-06-01T08:00:00.000Z", "2027-06-01T08:00:00.000Z"],
    ["2024-02-29T00:00:00.000Z", "2025-02-28T00:00:00.000Z"],
    ["2023-02-28T00:00:00.000Z", "2024-02-28T00:00:00.000Z"],
    ["2026-12-31T23:59:59.999Z", "2027-12-31T23:59:59.999Z"],
  ])("renews %s on %s", (trained, renews) => {
    expect(renewalOf(new Date(trained)).toISOString()).toBe(renews)
  })
})

describe("a reviewer's training", () => {
  it("is needed for deciding and viewing, from the next call on, and for nothing else", async () => {
    const [ada, boss] = [await addMember(staff, "reviewer"), await addMember(staff, "administrator")]
    await ada.signIn()
    const token = ada.browser.cookies.get("nightlight") ?? ""
    const seen = async () => {
      const actor = await staff.signIn.sessions.authenticate(token)
      return actor === undefined
        ? undefined
        : [can(actor, "case:read"), can(actor, "case:review"), can(actor, "viewing:derivative")]
    }
    expect(await seen()).toEqual([true, false, false])
    expect(await staff.people.isTrained(ada.id)).toBe(false)
    await boss.signIn()
    const trainedAt = new Date(staff.clock.now().getTime() - 364 * DAY_MS).toISOString()
    const put = await boss.browser.call("PUT", `/v1/people/${ada.id}/training`, { trainedAt })
    expect(put.json()).toMatchObject({ training: { trainedAt, current: true } })
    expect(await seen()).toEqual([true, true, true])
    expect(await staff.people.isTrained(ada.id)).toBe(true)
    expect(await eventsAbout(staff, ada.id)).toContain("person.trained")
    staff.clock.move(DAY_MS + 1)
    expect(await staff.people.isTrained(ada.id)).toBe(false)
    await ada.signIn()
    const next = await staff.signIn.sessions.authenticate(ada.browser.cookies.get("nightlight") ?? "")
    expect(next).toMatchObject({ trainingLapsed: true })
  })

  it("decides, with the roles, what the person's own page says they may do", async () => {
    const [ada, boss] = [await addMember(staff, "reviewer"), await addMember(staff, "administrator")]
    await ada.signIn()
    const me = async () => (await ada.browser.call("GET", "/v1/me")).json<{ permissions: string[] }>().permissions
    const training = NEEDS_TRAINING.filter((permission) =>
      (PERMISSIONS[permission] as readonly string[]).includes("reviewer"),
    )
    expect(training).toContain("case:review")
    const untrained = await me()
    expect(untrained).toEqual(expect.arrayContaining(["self:read", "case:read", "case:context", "alarm:read"]))
    expect(training.filter((permission) => untrained.includes(permission))).toEqual([])
    await staff.people.recordTraining(await boss.actor(), ada.id, staff.clock.now())
    expect((await me()).toSorted()).toEqual([...untrained, ...training].toSorted())
    await staff.people.removeRole(await boss.actor(), ada.id, "reviewer")
    expect(await me()).not.toContain("case:read")
  })

  it("must be dated in the past", async () => {
    const [ada, boss] = [await addMember(staff, "reviewer"), await addMember(staff, "administrator")]
    await boss.signIn()
    const trainedAt = new Date(staff.clock.now().getTime() + DAY_MS).toISOString()
    const put = await boss.browser.call("PUT", `/v1/people/${ada.id}/training`, { trainedAt })
    expect(put.json()).toMatchObject({ type: "input_invalid" })
  })

  it("cannot be recorded for people who left", async () => {
    const [ada, boss] = [await addMember(staff, "reviewer"), await addMember(staff, "administrator")]
    await staff.people.recordTraining(await boss.actor(), ada.id, staff.clock.now())
    expect(await staff.people.isTrained(ada.id)).toBe(true)
    expect(await staff.people.isTrained(ada.id, new Date(staff.clock.now().getTime() + 366 * DAY_MS))).toBe(false)
    await staff.people.deactivate(await boss.actor(), ada.id)
    expect(await staff.people.isTrained(ada.id)).toBe(false)
  })
})

describe("the list of reviewers", () => {
  it("is counted by training for auditors, without a name", async () => {
    const auditor = await addMember(staff, "auditor")
    await auditor.signIn()
    const counts = async () => (await auditor.browser.call("GET", "/v1/people/counts")).json()
    const before = await counts()
    const boss = await addMember(staff, "administrator")
    const [trained, lapsed] = [await addMember(staff, "reviewer"), await addMember(staff, "senior-reviewer")]
    await addMember(staff, "reviewer")
    const long = new Date(staff.clock.now().getTime() - 400 * DAY_MS)
    await staff.people.recordTraining(await boss.actor(), trained.id, staff.clock.now())
    await staff.people.recordTraining(await boss.actor(), lapsed.id, long)
    const after = await counts()
    expect(after.reviewers).toMatchObject({
      trained: before.reviewers.trained + 1,
      lapsed: before.reviewers.lapsed + 1,
      neverTrained: before.reviewers.neverTrained + 1,
    })
    expect(after.byRole.reviewer).toBe(before.byRole.reviewer + 2)
    expect(JSON.stringify(after)).not.toContain("example.org")
    const reporter = await addMember(staff, "reporter")
    await reporter.signIn()
    expect((await reporter.browser.call("GET", "/v1/people/counts")).statusCode).toBe(403)
    const names = (await reporter.browser.call("GET", "/v1/people/names")).json<{ people: object[] }>().people
    expect(names.length).toBeGreaterThan(1)
    for (const person of names) expect(Object.keys(person)).toEqual(["id", "name"])
  })
})

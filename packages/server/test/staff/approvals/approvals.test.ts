import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { z } from "zod"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { expireApprovals } from "../../../src/staff/approvals/jobs/expire-approvals.ts"
import type { Approval } from "../../../src/staff/approvals/types.ts"
import { addMember, eventsAbout, type Member, openStaff, type Staff } from "../../support/staff.ts"

const db = useDatabase()
let staff: Staff
/** How often each approval was done. */
const done = new Map<string, number>()

beforeAll(async () => {
  staff = await openStaff(db.database)
  staff.approvals.register({
    kind: "list.remove",
    payload: z.strictObject({ list: z.string().max(500), count: z.int() }),
    requestPermission: "list:read",
    approvePermission: "policy:read",
    perform: async (tx, { count }, { approvalId, subject }) => {
      if (count < 0) throw new Error("cannot be done")
      tx.record({ type: "list.removed", subject, data: { approval: approvalId } })
      done.set(approvalId, (done.get(approvalId) ?? 0) + 1)
      return { removed: count }
    },
  })
})
afterAll(() => staff.app.close())

let number = 0
async function ask(member: Member, payload?: object): Promise<Approval> {
  const actor = await member.actor()
  const subject = `list-${number++}`
  const given = payload ?? { list: "test", count: 1 }
  return transact(staff, actor.id, (tx) => staff.approvals.request(tx, actor, "list.remove", subject, given as never))
}

describe("an approval", () => {
  it("waits until somebody else approves it, and is done in the same transaction", async () => {
    const [ada, ben] = [await addMember(staff, "policy-editor"), await addMember(staff, "counsel")]
    const approval = await ask(ada)
    expect(done.has(approval.id)).toBe(false)
    const { approval: after, result } = await staff.approvals.approve(await ben.actor(), approval.id)
    expect(after).toMatchObject({ state: "done", decidedBy: ben.id })
    expect(result).toEqual({ removed: 1 })
    expect(done.get(approval.id)).toBe(1)
    expect(await eventsAbout(staff, approval.id)).toEqual(["approval.requested", "approval.approved"])
    const [asked] = await readEvents(staff.db, { subject: approval.id })
    expect(asked).toMatchObject({ actor: ada.id, data: { kind: "list.remove", about: approval.subject } })
  })

  it("is not approved by its requester", async () => {
    const ada = await addMember(staff, "counsel")
    const approval = await ask(ada)
    await expect(staff.approvals.approve(await ada.actor(), approval.id)).rejects.toMatchObject({
      code: "second_person_required",
    })
    expect(done.has(approval.id)).toBe(false)
  })

  it("is done once when many approve it at once", async () => {
    const ada = await addMember(staff, "policy-editor")
    const seconds: Member[] = []
    // One after another: each code that is shown moves the clock, and is only good for a while by it.
    for (let count = 0; count < 4; count++) seconds.push(await addMember(staff, "counsel"))
    const approval = await ask(ada)
    const actors = await Promise.all(seconds.map((member) => member.actor()))
    const outcomes = await Promise.allSettled(actors.map((actor) => staff.approvals.approve(actor, approval.id)))
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "state_conflict" })
    }
    expect((await eventsAbout(staff, approval.subject)).filter((type) => type === "list.removed")).toHaveLength(1)
  })

  it("is either done or declined when both come at once", async () => {
    const [ada, ben] = [await addMember(staff, "policy-editor"), await addMember(staff, "counsel")]
    const approval = await ask(ada)
    const [asker, second] = [await ada.actor(), await ben.actor()]
    await Promise.allSettled([
      staff.approvals.approve(second, approval.id),
      staff.approvals.decline(asker, approval.id),
    ])
    const types = await eventsAbout(staff, approval.id)
    expect(types).toHaveLength(2)
    const isDone = (await eventsAbout(staff, approval.subject)).includes("list.removed")
    expect(types[1]).toBe(isDone ? "approval.approved" : "approval.declined")
  })

  it("still waits when performing it fails, and leaves nothing behind", async () => {
    const [ada, ben] = [await addMember(staff, "policy-editor"), await addMember(staff, "counsel")]
    const approval = await ask(ada, { list: "test", count: -1 })
    await expect(staff.approvals.approve(await ben.actor(), approval.id)).rejects.toThrow("cannot be done")
    expect(await eventsAbout(staff, approval.id)).toEqual(["approval.requested"])
    expect(await staff.approvals.decline(await ben.actor(), approval.id)).toMatchObject({ state: "declined" })
    await expect(staff.approvals.approve(await ben.actor(), approval.id)).rejects.toMatchObject({
      code: "state_conflict",
    })
  })

  it("is approved only by the person that it names, if it names one", async () => {
    const [ada, ben, cleo] = [
      await addMember(staff, "policy-editor"),
      await addMember(staff, "counsel"),
      await addMember(staff, "counsel"),
    ]
    staff.approvals.register({
      kind: "list.lend",
      payload: z.strictObject({ to: z.string() }),
      requestPermission: "list:read",
      approvePermission: "policy:read",
      isApprover: ({ to }, person) => to === person,
      perform: async () => undefined,
    })
    const actor = await ada.actor()
    const approval = await transact(staff, actor.id, (tx) =>
      staff.approvals.request(tx, actor, "list.lend", "list-lent", { to: cleo.id }),
    )
    const mayOf = async (member: Member) =>
      (await staff.approvals.list(await member.actor(), "waiting")).find((one) => one.approval.id === approval.id)
        ?.mayApprove
    expect([await mayOf(ben), await mayOf(cleo)]).toEqual([false, true])
    await expect(staff.approvals.approve(await ben.actor(), approval.id)).rejects.toMatchObject({ code: "forbidden" })
    expect((await staff.approvals.approve(await cleo.actor(), approval.id)).approval).toMatchObject({
      decidedBy: cleo.id,
    })
  })

  it("tells its requester why it was declined, by a code in the log", async () => {
    const [ada, ben] = [await addMember(staff, "policy-editor"), await addMember(staff, "counsel")]
    await ben.signIn()
    const approval = await ask(ada)
    const declined = await ben.browser.call("POST", `/v1/approvals/${approval.id}/decline`, { reason: "not-right" })
    expect(declined.json()).toMatchObject({ state: "declined", declineReason: "not-right" })
    const listed = (await staff.approvals.list(await ada.actor(), "declined")).find(
      ({ approval: { id } }) => id === approval.id,
    )
    expect(listed?.approval).toMatchObject({ declineReason: "not-right", decidedBy: ben.id })
    const events = await readEvents(staff.db, { subject: approval.id })
    expect(events.at(-1)).toMatchObject({ type: "approval.declined", data: { reason: "not-right" } })
    const again = await ask(ada)
    const sentence = await ben.browser.call("POST", `/v1/approvals/${again.id}/decline`, { reason: "because I say so" })
    expect(sentence.statusCode).toBe(400)
    const bare = await ben.browser.call("POST", `/v1/approvals/${again.id}/decline`)
    expect(bare.json()).not.toHaveProperty("declineReason")
  })

  it("needs the permissions of both people at the moment of approval", async () => {
    const [ada, ben, boss] = [
      await addMember(staff, "policy-editor"),
      await addMember(staff, "counsel"),
      await addMember(staff, "administrator"),
    ]
    const outsider = await addMember(staff, "reviewer")
    await expect(ask(outsider)).rejects.toMatchObject({ code: "forbidden" })
    const approval = await ask(ada)
    await expect(staff.approvals.approve(await outsider.actor(), approval.id)).rejects.toMatchObject({
      code: "forbidden",
    })
    // Administrators may read lists, so they could ask; this kind's second is another role.
    await expect(staff.approvals.approve(await boss.actor(), approval.id)).rejects.toMatchObject({ code: "forbidden" })
    const stale = await ben.actor()
    await staff.people.removeRole(await boss.actor(), ben.id, "counsel")
    await expect(staff.approvals.approve(stale, approval.id)).rejects.toMatchObject({ code: "forbidden" })
    const carl = await addMember(staff, "counsel")
    await staff.people.deactivate(await boss.actor(), ada.id)
    await expect(staff.approvals.approve(await carl.actor(), approval.id)).rejects.toMatchObject({
      code: "state_conflict",
    })
  })

  it("accepts only ids, codes and counts, and the same request once", async () => {
    const ada = await addMember(staff, "policy-editor")
    await expect(ask(ada, { list: "a sentence with blanks", count: 1 })).rejects.toMatchObject({
      code: "input_invalid",
    })
    await expect(ask(ada, { list: "test" })).rejects.toMatchObject({ code: "input_invalid" })
    const actor = await ada.actor()
    const same = () =>
      transact(staff, actor.id, (tx) =>
        staff.approvals.request(tx, actor, "list.remove", "list-same", { count: 2, list: "a" }),
      )
    await same()
    await expect(same()).rejects.toMatchObject({ code: "state_conflict" })
    const unknown = transact(staff, actor.id, (tx) => staff.approvals.request(tx, actor, "no.kind", "x", {}))
    await expect(unknown).rejects.toMatchObject({ code: "input_invalid" })
  })

  it("expires after seven days, even if the job has not run", async () => {
    const [ada, ben] = [await addMember(staff, "policy-editor"), await addMember(staff, "counsel")]
    const approval = await ask(ada)
    staff.clock.move(7 * 86_400_000)
    await expect(staff.approvals.approve(await ben.actor(), approval.id)).rejects.toMatchObject({
      code: "state_conflict",
    })
    const fresh = await ask(ada)
    await expireApprovals(staff).run({}, AbortSignal.timeout(10_000))
    expect(await eventsAbout(staff, approval.id)).toEqual(["approval.requested", "approval.expired"])
    expect(await eventsAbout(staff, fresh.id)).toEqual(["approval.requested"])
  })

  it("is listed to people who may take part in it, and says who may approve it", async () => {
    const [ada, ben, auditor] = [
      await addMember(staff, "policy-editor"),
      await addMember(staff, "counsel"),
      await addMember(staff, "auditor"),
    ]
    const reporter = await addMember(staff, "reporter")
    const approval = await ask(ada)
    for (const member of [ada, ben, auditor, reporter]) await member.signIn()
    const seen = async (member: Member) =>
      (await member.browser.call("GET", "/v1/approvals?state=waiting"))
        .json<{ approvals: { id: string; mayApprove: boolean }[] }>()
        .approvals.find(({ id }) => id === approval.id)?.mayApprove
    expect(await seen(ada)).toBe(false)
    expect(await seen(ben)).toBe(true)
    expect(await seen(reporter)).toBeUndefined()
    const foreign = await reporter.browser.call("POST", `/v1/approvals/${approval.id}/approve`)
    expect(foreign.statusCode).toBe(404)
    const approved = await ben.browser.call("POST", `/v1/approvals/${approval.id}/approve`)
    expect(approved.json()).toMatchObject({ approval: { state: "done", decidedBy: ben.id }, result: { removed: 1 } })
  })

  it("is never given by a key", async () => {
    const boss = await addMember(staff, "administrator")
    const { token } = await staff.keys.make(await boss.actor(), { name: "k", scopes: ["screen"], expiresInDays: 1 })
    const approval = await ask(await addMember(staff, "policy-editor"))
    const answer = await staff.app.inject({
      method: "POST",
      url: `/v1/approvals/${approval.id}/approve`,
      headers: { authorization: `Bearer ${token}` },
    })
    expect(answer.statusCode).toBe(403)
  })
})

describe("the database", () => {
  it("refuses an approval by one person alone, whatever the code says", async () => {
    const ada = await addMember(staff, "policy-editor")
    const approval = await ask(ada)
    const update = staff.db
      .updateTable("approvals")
      .set({ state: "done", decided_by: ada.id, decided_at: staff.clock.now() })
      .where("id", "=", approval.id)
    await expect(update.execute()).rejects.toMatchObject({ code: "input_invalid" })
    const rewrite = staff.db
      .updateTable("approvals")
      .set({ requested_by: "person-other" })
      .where("id", "=", approval.id)
    await expect(rewrite.execute()).rejects.toMatchObject({ details: { sqlState: "42501" } })
  })
})

import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { z } from "zod"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { expireActs } from "../../../src/staff/approvals/jobs/expire-acts.ts"
import type { Act } from "../../../src/staff/approvals/types.ts"
import { eventsAbout, hire, type Member, openStaff, type Staff } from "../../support/staff.ts"

const db = useDatabase()
let staff: Staff
/** How often each act was done. */
const done = new Map<string, number>()

beforeAll(async () => {
  staff = await openStaff(db.database)
  staff.acts.register({
    kind: "list.remove",
    payload: z.strictObject({ list: z.string().max(500), count: z.int() }),
    askPermission: "list:read",
    secondPermission: "policy:read",
    perform: async (tx, { count }, { actId, subject }) => {
      if (count < 0) throw new Error("cannot be done")
      tx.record({ type: "list.removed", subject, data: { act: actId } })
      done.set(actId, (done.get(actId) ?? 0) + 1)
      return { removed: count }
    },
  })
})
afterAll(() => staff.app.close())

let number = 0
async function ask(member: Member, payload?: object): Promise<Act> {
  const actor = await member.actor()
  const subject = `list-${number++}`
  const given = payload ?? { list: "test", count: 1 }
  return transact(staff, actor.id, (tx) => staff.acts.ask(tx, actor, "list.remove", subject, given as never))
}

describe("an act of two people", () => {
  it("waits until somebody else seconds it, and is done in the same transaction", async () => {
    const [ada, ben] = [await hire(staff, "policy-editor"), await hire(staff, "counsel")]
    const act = await ask(ada)
    expect(done.has(act.id)).toBe(false)
    const { act: after, result } = await staff.acts.second(await ben.actor(), act.id)
    expect(after).toMatchObject({ state: "done", decidedBy: ben.id })
    expect(result).toEqual({ removed: 1 })
    expect(done.get(act.id)).toBe(1)
    expect(await eventsAbout(staff, act.id)).toEqual(["act.asked", "act.seconded"])
    const [asked] = await readEvents(staff.db, { subject: act.id })
    expect(asked).toMatchObject({ actor: ada.id, data: { kind: "list.remove", about: act.subject } })
  })

  it("is not seconded by whoever asked", async () => {
    const ada = await hire(staff, "counsel")
    const act = await ask(ada)
    await expect(staff.acts.second(await ada.actor(), act.id)).rejects.toMatchObject({ code: "second_person_required" })
    expect(done.has(act.id)).toBe(false)
  })

  it("is done once when many second it at once", async () => {
    const ada = await hire(staff, "policy-editor")
    const seconds: Member[] = []
    // One after another: each code that is shown moves the clock, and is only good for a while by it.
    for (let count = 0; count < 4; count++) seconds.push(await hire(staff, "counsel"))
    const act = await ask(ada)
    const actors = await Promise.all(seconds.map((member) => member.actor()))
    const outcomes = await Promise.allSettled(actors.map((actor) => staff.acts.second(actor, act.id)))
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "state_conflict" })
    }
    expect((await eventsAbout(staff, act.subject)).filter((type) => type === "list.removed")).toHaveLength(1)
  })

  it("is either done or declined when both come at once", async () => {
    const [ada, ben] = [await hire(staff, "policy-editor"), await hire(staff, "counsel")]
    const act = await ask(ada)
    const [asker, second] = [await ada.actor(), await ben.actor()]
    await Promise.allSettled([staff.acts.second(second, act.id), staff.acts.decline(asker, act.id)])
    const types = await eventsAbout(staff, act.id)
    expect(types).toHaveLength(2)
    const isDone = (await eventsAbout(staff, act.subject)).includes("list.removed")
    expect(types[1]).toBe(isDone ? "act.seconded" : "act.declined")
  })

  it("still waits when doing it fails, and nothing of it stays", async () => {
    const [ada, ben] = [await hire(staff, "policy-editor"), await hire(staff, "counsel")]
    const act = await ask(ada, { list: "test", count: -1 })
    await expect(staff.acts.second(await ben.actor(), act.id)).rejects.toThrow("cannot be done")
    expect(await eventsAbout(staff, act.id)).toEqual(["act.asked"])
    expect(await staff.acts.decline(await ben.actor(), act.id)).toMatchObject({ state: "declined" })
    await expect(staff.acts.second(await ben.actor(), act.id)).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("is seconded by nobody but whom it names, where it names somebody", async () => {
    const [ada, ben, cleo] = [
      await hire(staff, "policy-editor"),
      await hire(staff, "counsel"),
      await hire(staff, "counsel"),
    ]
    staff.acts.register({
      kind: "list.lend",
      payload: z.strictObject({ to: z.string() }),
      askPermission: "list:read",
      secondPermission: "policy:read",
      isSecond: ({ to }, person) => to === person,
      perform: async () => undefined,
    })
    const actor = await ada.actor()
    const act = await transact(staff, actor.id, (tx) =>
      staff.acts.ask(tx, actor, "list.lend", "list-lent", { to: cleo.id }),
    )
    const mayOf = async (member: Member) =>
      (await staff.acts.list(await member.actor(), "waiting")).find((one) => one.act.id === act.id)?.maySecond
    expect([await mayOf(ben), await mayOf(cleo)]).toEqual([false, true])
    await expect(staff.acts.second(await ben.actor(), act.id)).rejects.toMatchObject({ code: "forbidden" })
    expect((await staff.acts.second(await cleo.actor(), act.id)).act).toMatchObject({ decidedBy: cleo.id })
  })

  it("tells whoever asked why it was declined, by a code that stands in the log", async () => {
    const [ada, ben] = [await hire(staff, "policy-editor"), await hire(staff, "counsel")]
    await ben.signIn()
    const act = await ask(ada)
    const declined = await ben.browser.call("POST", `/v1/acts/${act.id}/decline`, { reason: "not-right" })
    expect(declined.json()).toMatchObject({ state: "declined", declineReason: "not-right" })
    const listed = (await staff.acts.list(await ada.actor(), "declined")).find(({ act: { id } }) => id === act.id)
    expect(listed?.act).toMatchObject({ declineReason: "not-right", decidedBy: ben.id })
    const events = await readEvents(staff.db, { subject: act.id })
    expect(events.at(-1)).toMatchObject({ type: "act.declined", data: { reason: "not-right" } })
    const again = await ask(ada)
    const sentence = await ben.browser.call("POST", `/v1/acts/${again.id}/decline`, { reason: "because I say so" })
    expect(sentence.statusCode).toBe(400)
    const bare = await ben.browser.call("POST", `/v1/acts/${again.id}/decline`)
    expect(bare.json()).not.toHaveProperty("declineReason")
  })

  it("asks for the permission on both sides, at the moment of seconding", async () => {
    const [ada, ben, boss] = [
      await hire(staff, "policy-editor"),
      await hire(staff, "counsel"),
      await hire(staff, "administrator"),
    ]
    const outsider = await hire(staff, "reviewer")
    await expect(ask(outsider)).rejects.toMatchObject({ code: "forbidden" })
    const act = await ask(ada)
    await expect(staff.acts.second(await outsider.actor(), act.id)).rejects.toMatchObject({ code: "forbidden" })
    // Administrators may read lists, so they could ask; this kind's second is another role.
    await expect(staff.acts.second(await boss.actor(), act.id)).rejects.toMatchObject({ code: "forbidden" })
    const stale = await ben.actor()
    await staff.people.removeRole(await boss.actor(), ben.id, "counsel")
    await expect(staff.acts.second(stale, act.id)).rejects.toMatchObject({ code: "forbidden" })
    const carl = await hire(staff, "counsel")
    await staff.people.deactivate(await boss.actor(), ada.id)
    await expect(staff.acts.second(await carl.actor(), act.id)).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("takes ids, codes and counts alone, and the same thing once", async () => {
    const ada = await hire(staff, "policy-editor")
    await expect(ask(ada, { list: "a sentence with blanks", count: 1 })).rejects.toMatchObject({
      code: "input_invalid",
    })
    await expect(ask(ada, { list: "test" })).rejects.toMatchObject({ code: "input_invalid" })
    const actor = await ada.actor()
    const same = () =>
      transact(staff, actor.id, (tx) => staff.acts.ask(tx, actor, "list.remove", "list-same", { count: 2, list: "a" }))
    await same()
    await expect(same()).rejects.toMatchObject({ code: "state_conflict" })
    const unknown = transact(staff, actor.id, (tx) => staff.acts.ask(tx, actor, "no.kind", "x", {}))
    await expect(unknown).rejects.toMatchObject({ code: "input_invalid" })
  })

  it("runs out after seven days, whether or not the job came by", async () => {
    const [ada, ben] = [await hire(staff, "policy-editor"), await hire(staff, "counsel")]
    const act = await ask(ada)
    staff.clock.move(7 * 86_400_000)
    await expect(staff.acts.second(await ben.actor(), act.id)).rejects.toMatchObject({ code: "state_conflict" })
    const fresh = await ask(ada)
    await expireActs(staff).run({}, AbortSignal.timeout(10_000))
    expect(await eventsAbout(staff, act.id)).toEqual(["act.asked", "act.expired"])
    expect(await eventsAbout(staff, fresh.id)).toEqual(["act.asked"])
  })

  it("is listed to whoever has a part in it, and says who may be the second", async () => {
    const [ada, ben, auditor] = [
      await hire(staff, "policy-editor"),
      await hire(staff, "counsel"),
      await hire(staff, "auditor"),
    ]
    const reporter = await hire(staff, "reporter")
    const act = await ask(ada)
    for (const member of [ada, ben, auditor, reporter]) await member.signIn()
    const seen = async (member: Member) =>
      (await member.browser.call("GET", "/v1/acts?state=waiting"))
        .json<{ acts: { id: string; maySecond: boolean }[] }>()
        .acts.find(({ id }) => id === act.id)?.maySecond
    expect(await seen(ada)).toBe(false)
    expect(await seen(ben)).toBe(true)
    expect(await seen(reporter)).toBeUndefined()
    const foreign = await reporter.browser.call("POST", `/v1/acts/${act.id}/second`)
    expect(foreign.statusCode).toBe(404)
    const seconded = await ben.browser.call("POST", `/v1/acts/${act.id}/second`)
    expect(seconded.json()).toMatchObject({ act: { state: "done", decidedBy: ben.id }, result: { removed: 1 } })
  })

  it("is never a key's", async () => {
    const boss = await hire(staff, "administrator")
    const { token } = await staff.keys.make(await boss.actor(), { name: "k", scopes: ["screen"], expiresInDays: 1 })
    const act = await ask(await hire(staff, "policy-editor"))
    const answer = await staff.app.inject({
      method: "POST",
      url: `/v1/acts/${act.id}/second`,
      headers: { authorization: `Bearer ${token}` },
    })
    expect(answer.statusCode).toBe(403)
  })
})

describe("the database", () => {
  it("refuses an act that one person did alone, whatever the code says", async () => {
    const ada = await hire(staff, "policy-editor")
    const act = await ask(ada)
    const update = staff.db
      .updateTable("acts")
      .set({ state: "done", decided_by: ada.id, decided_at: staff.clock.now() })
      .where("id", "=", act.id)
    await expect(update.execute()).rejects.toMatchObject({ code: "input_invalid" })
    const rewrite = staff.db.updateTable("acts").set({ asked_by: "person-other" }).where("id", "=", act.id)
    await expect(rewrite.execute()).rejects.toMatchObject({ details: { sqlState: "42501" } })
  })
})

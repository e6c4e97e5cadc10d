import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { transact } from "../../../src/platform/events/transact.ts"
import { createAlarms } from "../../../src/staff/alarms/service.ts"
import { addMember, eventsAbout, openStaff, type Staff } from "../../support/staff.ts"

const db = useDatabase()
let staff: Staff
beforeAll(async () => {
  staff = await openStaff(db.database)
})
afterAll(() => staff.app.close())

describe("an alarm", () => {
  it("is open once, counted, with one event and a log line each", async () => {
    const lines: object[] = []
    const alarms = createAlarms({ ...staff, log: (line) => void lines.push(line) })
    const alarm = { code: "repeat-views" as const, subject: "person-alarm", data: { views: 12 } }
    await Promise.all([1, 2, 3].map(() => alarms.raiseNow(alarm)))
    const open = (await alarms.list(true)).filter(({ subject }) => subject === "person-alarm")
    expect(open).toMatchObject([{ code: "repeat-views", times: 3, data: { views: 12 } }])
    expect(await eventsAbout(staff, "person-alarm")).toEqual(["alarm.raised"])
    expect(lines).toHaveLength(3)
  })

  it("is part of the transaction that raised it", async () => {
    const failing = transact(staff, "system-test", async (tx) => {
      await staff.alarms.raise(tx, { code: "bulk-reading", subject: "person-undone" })
      throw new Error("undone")
    })
    await expect(failing).rejects.toThrow("undone")
    expect((await staff.alarms.list(false)).filter(({ subject }) => subject === "person-undone")).toEqual([])
  })

  it("is acknowledged by an administrator, once, and opens again the next time", async () => {
    const [boss, auditor] = [await addMember(staff, "administrator"), await addMember(staff, "auditor")]
    for (const member of [boss, auditor]) await member.signIn()
    await staff.alarms.raiseNow({ code: "bulk-reading", subject: "person-ack" })
    const listed = await auditor.browser.call("GET", "/v1/alarms")
    const { id } = listed
      .json<{ alarms: { id: string; subject: string }[] }>()
      .alarms.find(({ subject }) => subject === "person-ack") ?? { id: "" }
    const acknowledge = (by: typeof boss) => by.browser.call("POST", `/v1/alarms/${id}/acknowledge`)
    expect((await acknowledge(auditor)).statusCode).toBe(403)
    expect((await acknowledge(boss)).json()).toMatchObject({ acknowledgedBy: boss.id })
    expect((await acknowledge(boss)).json()).toMatchObject({ type: "state_conflict" })
    await staff.alarms.raiseNow({ code: "bulk-reading", subject: "person-ack" })
    const all = await auditor.browser.call("GET", "/v1/alarms?state=all")
    const mine = all.json<{ alarms: { subject: string }[] }>().alarms.filter(({ subject }) => subject === "person-ack")
    expect(mine).toHaveLength(2)
    expect(await eventsAbout(staff, id)).toEqual(["alarm.acknowledged"])
  })

  it("acknowledged by mistake can be reopened, unless it was raised again since", async () => {
    const [boss, auditor] = [await addMember(staff, "administrator"), await addMember(staff, "auditor")]
    for (const member of [boss, auditor]) await member.signIn()
    const raise = () => staff.alarms.raiseNow({ code: "bulk-reading", subject: "person-undo" })
    const mine = async () => (await staff.alarms.list(false)).filter(({ subject }) => subject === "person-undo")
    await raise()
    const [{ id } = { id: "" }] = await mine()
    const approval = (by: typeof boss, name: string) => by.browser.call("POST", `/v1/alarms/${id}/${name}`)
    expect((await approval(boss, "reopen")).json()).toMatchObject({ type: "state_conflict" })
    await approval(boss, "acknowledge")
    expect((await approval(auditor, "reopen")).statusCode).toBe(403)
    expect((await approval(boss, "reopen")).json()).not.toHaveProperty("acknowledgedBy")
    expect(await mine()).toMatchObject([{ id, acknowledgedAt: undefined }])
    await approval(boss, "acknowledge")
    await raise()
    expect((await approval(boss, "reopen")).json()).toMatchObject({ type: "state_conflict" })
    expect(await eventsAbout(staff, id)).toEqual(["alarm.acknowledged", "alarm.reopened", "alarm.acknowledged"])
  })
})

import { DAY_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { movingClock } from "@nightlight/dev-env/server/clock"
import type { Insertable } from "kysely"
import { describe, expect, it } from "vitest"
import { z } from "zod"
import { takeLease } from "../../src/filing/reports/filing/filing-store.ts"
import { dueToFile } from "../../src/filing/reports/store.ts"
import type { ReportTables } from "../../src/platform/db/tables/filing.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { addMember, found, openStaff, type Staff } from "../support/staff.ts"

/** The preservation's clock, a case's claim and the custodian's clock have their tests beside them. */
describe("a clock 400 days ahead, then two days back", () => {
  const db = useDatabase()

  it("leaves no session that lives on, and none that counts as a fresh proof", async () => {
    const staff = await openStaff(db.database)
    const { first } = await found(staff)
    staff.clock.move(400 * DAY_MS)
    expect((await first.browser.call("GET", "/v1/me")).statusCode).toBe(401)
    await first.signIn()
    expect((await first.browser.call("GET", "/v1/me")).statusCode).toBe(200)
    staff.clock.move(-2 * DAY_MS)
    expect((await first.browser.call("GET", "/v1/me")).statusCode).toBe(401)
    expect(await staff.signIn.sessions.list(first.id)).toEqual([])
  })

  it("bears a few minutes between the clocks of two servers", async () => {
    const staff = await openStaff(db.database, { clock: movingClock("2031-01-01T09:00:00.000Z") })
    const member = await addMember(staff, "auditor")
    await member.signIn()
    staff.clock.move(-4 * 60_000)
    expect((await member.browser.call("GET", "/v1/me")).statusCode).toBe(200)
  })

  it("lets an approval that waits run out rather than be done late, and one asked meanwhile wait no longer than others", async () => {
    const staff = await openStaff(db.database, { clock: movingClock("2035-01-01T09:00:00.000Z") })
    const [counsel, other] = [await addMember(staff, "counsel"), await addMember(staff, "counsel")]
    staff.approvals.register(noteApproval)
    const before = await ask(staff, counsel, "subject-before")
    staff.clock.move(400 * DAY_MS)
    expect(await staff.approvals.expire()).toBe(1)
    await expect(staff.approvals.approve(await other.actor(), before)).rejects.toMatchObject({ code: "state_conflict" })
    const ahead = await ask(staff, counsel, "subject-ahead")
    staff.clock.move(-2 * DAY_MS)
    await expect(staff.approvals.approve(await other.actor(), ahead)).rejects.toMatchObject({ code: "state_conflict" })
    expect(await staff.approvals.expire()).toBe(1)
  })
})

describe("the lease of a report, and its wait, from a clock that stood ahead", () => {
  const db = useDatabase()

  it("keep no worker from filing it", async () => {
    const now = new Date("2026-06-01T12:00:00.000Z")
    const ahead = new Date(now.getTime() + 398 * DAY_MS)
    await db.database.kysely.insertInto("reports").values(aReport(ahead)).execute()
    expect(await dueToFile(db.database.kysely, now, 10)).toEqual(["report-ahead"])
    expect(await takeLease(db.database.kysely, "report-ahead" as never, 60)).toBeDefined()
    // The lease that was just taken is one.
    expect(await takeLease(db.database.kysely, "report-ahead" as never, 60)).toBeUndefined()
  })
})

const noteApproval = {
  kind: "note.add",
  payload: z.strictObject({}),
  requestPermission: "evidence:destroy",
  approvePermission: "evidence:destroy",
  perform: async () => undefined,
} as const

async function ask(staff: Staff, member: Awaited<ReturnType<typeof addMember>>, subject: string): Promise<string> {
  const actor = await member.actor()
  return transact(staff, actor.id, async (tx) => (await staff.approvals.request(tx, actor, "note.add", subject, {})).id)
}

function aReport(ahead: Date): Insertable<ReportTables["reports"]> {
  const none = null
  return {
    id: "report-ahead",
    case_id: "case-1",
    kind: "files",
    environment: "test",
    state: "approved",
    version: 1,
    content: Buffer.alloc(1),
    proven: none,
    grant_id: none,
    prepared_by: "person-1",
    approved_by: "person-2",
    authorisation_id: none,
    single_person_reason: none,
    single_person_reviewed_by: none,
    single_person_reviewed_at: none,
    created_at: ahead,
    proposed_at: ahead,
    approved_at: ahead,
    finished_at: none,
    due_at: none,
    remote_report_id: none,
    held_code: none,
    held_response_code: none,
    resumes: 0,
    next_try_at: ahead,
    lease_token: "00000000-0000-4000-8000-000000000000",
    lease_until: ahead,
  }
}

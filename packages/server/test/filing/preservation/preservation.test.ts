import { randomBytes } from "node:crypto"
import { DAY_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness } from "@nightlight/dev-env/server/cases"
import { Client } from "pg"
import { describe, expect, it } from "vitest"
import { destroyApproval } from "../../../src/filing/preservation/approvals.ts"
import { createClockGuard } from "../../../src/filing/preservation/clock-guard.ts"
import { destroyOrdered, orderDestruction } from "../../../src/filing/preservation/destroy.ts"
import { destroyDueJob } from "../../../src/filing/preservation/jobs/destroy-due.ts"
import { createPreservation } from "../../../src/filing/preservation/service.ts"
import type { ReportId } from "../../../src/filing/reports/types.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createAlarms } from "../../../src/staff/alarms/service.ts"
import { anItem } from "../../casework/cases/builders.ts"
import { openKeeper, sealedByName } from "../../support/custody.ts"
import { untilWaiting } from "../../support/held-row.ts"

const db = useDatabase()
const signal = new AbortController().signal

/** A folder of evidence by name alone, and everything around it. */
async function service() {
  const kysely = db.database.kysely
  const time = { now: new Date("2026-03-01T12:00:00.000Z") }
  const clock = { now: () => time.now }
  const removed: string[] = []
  const contextKeys = openContextKeys(randomBytes(32))
  const id = randomBytes(6).toString("hex")
  const caseId = `case-${id}`
  const evidenceIds = [`evidence-${id}-1`, `evidence-${id}-2`]
  const base = {
    db: kysely,
    clock,
    contextKeys,
    backupDays: 30,
    // Earlier tests' evidence lies in the same database.
    evidence: {
      remove: async (evidenceId: string) => evidenceIds.includes(evidenceId) && removed.push(evidenceId) > 0,
    },
  }
  const alarms = createAlarms(base)
  const { keeper: custodian, asked, state: keeper } = openKeeper()
  const destroying = { ...base, alarms, custodian, sealedOf: sealedByName }
  const guard = createClockGuard({ ...base, alarms })
  await guard.confirm("person-1")
  const ofCase = async (_db: unknown, of: string) => (of === caseId ? evidenceIds : [])
  const preservation = createPreservation({ ...base, evidenceOf: ofCase, evidenceOfAlone: ofCase })
  const destroyDue = destroyDueJob({ ...destroying, guard })
  /** The job comes round each hour of some days. */
  const pass = async (days: number): Promise<void> => {
    for (let day = 0; day < days; day++) {
      time.now = new Date(time.now.getTime() + DAY_MS)
      await destroyDue.run({}, signal)
    }
  }
  return {
    ...destroying,
    asked,
    keeper,
    time,
    removed,
    caseId,
    evidenceIds,
    guard,
    preservation,
    destroyDue,
    pass,
    alarms,
  }
}

const clear = (site: Awaited<ReturnType<typeof service>>) =>
  transact(site, "person-1", (tx) => site.preservation.caseCleared(tx, site.caseId))
const finish = (site: Awaited<ReturnType<typeof service>>, environment: "test" | "production") =>
  transact(site, "system-filing", (tx) =>
    site.preservation.reportFinished(tx, {
      reportId: "report-1" as ReportId,
      caseId: site.caseId,
      environment,
      remoteReportId: "1",
      evidenceIds: site.evidenceIds,
      finishedAt: site.time.now,
    }),
  )

describe("preservation", () => {
  it("destroys what a review cleared within seven days, with a certificate, and its context", async () => {
    const site = await service()
    await site.contextKeys.seal(site.db, site.caseId, "note", "canary-context")
    await clear(site)
    await site.pass(2)
    expect(site.removed).toEqual([])
    await site.pass(5)
    expect(site.removed.toSorted()).toEqual(site.evidenceIds)
    const { evidence } = await site.preservation.ofCase(site.caseId)
    expect(evidence.map(({ state }) => state)).toEqual(["destroyed", "destroyed"])
    const certificate = await site.preservation.certificate(evidence[0]?.certificateId ?? "")
    expect(JSON.parse(certificate ?? "{}")).toMatchObject({ format: "nightlight-destruction/1", basis: "cleared" })
    await expect(site.contextKeys.open(site.db, site.caseId, "note", Buffer.alloc(40))).rejects.toMatchObject({
      code: "not_found",
    })
  })

  it("locks the evidence of a finished production report for a year", async () => {
    const site = await service()
    await finish(site, "production")
    const { evidence } = await site.preservation.ofCase(site.caseId)
    expect(evidence.map(({ state, lockedUntil }) => [state, lockedUntil?.toISOString()])).toEqual([
      ["locked", "2027-03-01T12:00:00.000Z"],
      ["locked", "2027-03-01T12:00:00.000Z"],
    ])
  })

  it("locks what a report filed, although the same sealed file is in another case that was cleared", async () => {
    const site = await service()
    await clear(site)
    await transact(site, "system-filing", (tx) =>
      site.preservation.reportFinished(tx, {
        reportId: "report-2" as ReportId,
        caseId: `${site.caseId}-b`,
        environment: "production",
        remoteReportId: "2",
        evidenceIds: site.evidenceIds.slice(0, 1),
        finishedAt: site.time.now,
      }),
    )
    await site.pass(10)
    expect(site.removed).toEqual(site.evidenceIds.slice(1))
  })

  it("treats evidence that arrives late like that of its case", async () => {
    const site = await service()
    const [first = "", second = ""] = site.evidenceIds
    const came = (caseId: string, evidenceId: string) =>
      transact(site, "system-intake", (tx) => site.preservation.evidenceCame(tx, { caseId, evidenceId }))
    const stateOf = async (evidenceId: string) =>
      (await site.preservation.list({ state: undefined, after: undefined, limit: 1000 })).find(
        (item) => item.evidenceId === evidenceId,
      )
    await came(site.caseId, first)
    expect(await stateOf(first)).toBeUndefined()
    await clear(site)
    await came(site.caseId, `${first}-late`)
    expect(await stateOf(`${first}-late`)).toMatchObject({ state: "clearing" })
    await site.pass(7)
    expect(await stateOf(first)).toMatchObject({ state: "destroyed" })
    await came(site.caseId, first)
    await came(`${site.caseId}-b`, second)
    expect(await stateOf(second)).toMatchObject({ state: "kept", caseId: `${site.caseId}-b`, destroyedAt: undefined })
    await site.pass(7)
    expect(site.removed.filter((id) => id === first)).toHaveLength(2)
    expect(await stateOf(second)).toMatchObject({ state: "kept" })
    const reported = await service()
    await finish(reported, "production")
    await transact(reported, "system-intake", (tx) =>
      reported.preservation.evidenceCame(tx, { caseId: reported.caseId, evidenceId: `${reported.caseId}-late` }),
    )
    const { evidence } = await reported.preservation.ofCase(reported.caseId)
    expect(evidence.map(({ state }) => state)).toEqual(["locked", "locked", "locked"])
  })

  it("does nothing for a report to the test host", async () => {
    const site = await service()
    await finish(site, "test")
    expect((await site.preservation.ofCase(site.caseId)).evidence).toEqual([])
  })

  it("undoes the clearing of evidence that is reported after all", async () => {
    const site = await service()
    await clear(site)
    await finish(site, "production")
    await site.pass(10)
    expect(site.removed).toEqual([])
  })

  it("destroys nothing on hold until the hold is lifted", async () => {
    const site = await service()
    await clear(site)
    const holdId = await transact(site, "person-1", (tx) =>
      site.preservation.hold(tx, "person-1", site.caseId, { reason: "litigation", reference: "canary-letter" }),
    )
    await site.pass(10)
    expect(site.removed).toEqual([])
    await site.preservation.lift(aPerson("counsel"), holdId, "matter-ended")
    await site.pass(1)
    expect(site.removed).toHaveLength(2)
    const log = JSON.stringify(await readEvents(site.db, { subject: site.caseId }))
    expect(log).not.toContain("canary")
  })

  it("removes no file that a report locked after the job had read it as due", async () => {
    const site = await service()
    await clear(site)
    const { evidence: due } = await site.preservation.ofCase(site.caseId)
    await finish(site, "production")
    const order = { basis: "cleared", people: [] } as const
    expect(await transact(site, "system-destruction", (tx) => orderDestruction(site, tx, due, order))).toBeUndefined()
    expect(await destroyOrdered(site, due, signal)).toBe(0)
    expect(site.removed).toEqual([])
  })

  it("orders no destruction of evidence that was put on hold after the job had read it as due", async () => {
    const site = await service()
    await clear(site)
    const { evidence: due } = await site.preservation.ofCase(site.caseId)
    const order = { basis: "cleared", people: [] } as const
    let ordering: Promise<unknown> = Promise.resolve()
    await transact(site, "person-1", async (tx) => {
      await site.preservation.hold(tx, "person-1", site.caseId, { reason: "litigation", reference: "canary-letter" })
      // At the same time: it waits for the hold, and then sees it.
      ordering = transact(site, "system-destruction", (other) => orderDestruction(site, other, due, order))
      await site.preservation.ofCase(site.caseId)
    })
    expect(await ordering).toBeUndefined()
    expect((await site.preservation.ofCase(site.caseId)).evidence.map(({ state }) => state)).toEqual([
      "clearing",
      "clearing",
    ])
  })

  it("does not end an expired lock when a hold is placed on the case at the same time", async () => {
    const site = await service()
    await finish(site, "production")
    site.time.now = new Date(site.time.now.getTime() + 366 * DAY_MS)
    await site.guard.confirm("person-1")
    const approval = destroyApproval({ ...site, asksForDestruction: async () => false, requestDigest: async () => "" })
    const by = {
      approvalId: "approval-1",
      subject: site.caseId,
      requestedBy: "person-1",
      approvedBy: "person-2",
    } as const
    let ending: Promise<unknown> = Promise.resolve()
    await transact(site, "person-1", async (tx) => {
      await site.preservation.hold(tx, "person-1", site.caseId, { reason: "litigation", reference: "canary-letter" })
      ending = transact(site, "person-2", (other) => approval.perform(other, { basis: "expired" }, by as never)).catch(
        (error: unknown) => error,
      )
      await untilWaiting(db.superuser, 1)
    })
    expect(await ending).toMatchObject({ code: "state_conflict" })
    const { evidence } = await site.preservation.ofCase(site.caseId)
    expect(evidence.map(({ state }) => state)).toEqual(["locked", "locked"])
  })

  it("destroys the context of a case whose last two pieces are destroyed by two workers at once", async () => {
    const site = await service()
    await site.contextKeys.seal(site.db, site.caseId, "note", "canary-context")
    await clear(site)
    const { evidence: due } = await site.preservation.ofCase(site.caseId)
    const order = { basis: "cleared", people: [] } as const
    await transact(site, "system-destruction", (tx) => orderDestruction(site, tx, due, order))
    const writer = new Client(db.superuser)
    await writer.connect()
    await writer.query("BEGIN")
    // Holds the log's lock, so that neither of the two can commit before the other has read.
    await writer.query("SELECT pg_advisory_xact_lock(7421001)")
    const both = Promise.all(due.map((item) => destroyOrdered(site, [item], signal)))
    await untilWaiting(db.superuser, 2)
    await writer.query("COMMIT")
    await writer.end()
    await both
    const types = (await readEvents(site.db, { subject: site.caseId })).map(({ type }) => type)
    expect(types.filter((type) => type === "case.context-destroyed")).toHaveLength(1)
  })

  it("clears no sealed file that an item brings to another case at the same time", async () => {
    const site = await service()
    const { cases, attach } = createHarness(db)
    const preservation = createPreservation({
      ...site,
      evidenceOf: (on, caseId) => cases.evidenceOf(on, caseId),
      evidenceOfAlone: (on, caseId) => cases.evidenceOfAlone(on, caseId),
    })
    const caseItem = anItem()
    const { evidenceId } = caseItem.evidence!
    const cleared = await attach(caseItem)
    let clearing: Promise<void> = Promise.resolve()
    await transact(site, "system-intake", async (tx) => {
      const { caseId } = await cases.attach(tx, anItem({ evidence: caseItem.evidence, itemKey: "0".repeat(64) }))
      await preservation.evidenceCame(tx, { caseId, evidenceId })
      clearing = transact(site, "person-1", (other) => preservation.caseCleared(other, cleared.caseId))
      await Promise.race([clearing, untilWaiting(db.superuser, 1)])
    })
    await clearing
    expect(await preservation.find(evidenceId)).toMatchObject({ state: "kept" })
  })

  it("does not keep a piece again whose destruction was ordered at the same time", async () => {
    const site = await service()
    await clear(site)
    const { evidence: due } = await site.preservation.ofCase(site.caseId)
    const [evidenceId = ""] = site.evidenceIds
    const order = { basis: "cleared", people: [] } as const
    let coming: Promise<void> = Promise.resolve()
    await transact(site, "system-destruction", async (tx) => {
      await orderDestruction(site, tx, due, order)
      coming = transact(site, "system-intake", (other) =>
        site.preservation.evidenceCame(other, { caseId: `${site.caseId}-b`, evidenceId }),
      )
      await untilWaiting(db.superuser, 1)
    })
    await coming
    const types = (await readEvents(site.db, { subject: evidenceId })).map(({ type }) => type)
    expect(types).toEqual(["evidence.destruction-ordered"])
  })

  it("ends nothing by a clock that jumped 400 days ahead and 2 back, and raises an alarm", async () => {
    const site = await service()
    await clear(site)
    site.time.now = new Date(site.time.now.getTime() + 400 * DAY_MS)
    await site.destroyDue.run({}, signal)
    site.time.now = new Date(site.time.now.getTime() - 2 * DAY_MS)
    await site.destroyDue.run({}, signal)
    expect(site.removed).toEqual([])
    expect((await site.alarms.list(true)).map(({ code }) => code)).toContain("clock-jumped")
    await site.guard.confirm("person-1")
    await site.destroyDue.run({}, signal)
    expect(site.removed).toHaveLength(2)
  })

  it("stays suspended by a clock that jumped, even if another server checks at the same time", async () => {
    const site = await service()
    const ahead = createClockGuard({ ...site, clock: { now: () => new Date(site.time.now.getTime() + 400 * DAY_MS) } })
    const writer = new Client(db.superuser)
    await writer.connect()
    await writer.query("BEGIN")
    // Holds the log's lock, so that the first cannot commit before the second has read.
    await writer.query("SELECT pg_advisory_xact_lock(7421001)")
    const first = ahead.mayEnd()
    await untilWaiting(db.superuser, 1)
    const both = Promise.all([first, site.guard.mayEnd()])
    await untilWaiting(db.superuser, 2)
    await writer.query("COMMIT")
    await writer.end()
    expect(await both).toEqual([false, false])
    expect((await site.guard.state()).suspendedAt).toBeInstanceOf(Date)
  })

  it("completes what a killed job left half done under the same certificate", async () => {
    const site = await service()
    await clear(site)
    const killed = destroyDueJob({
      ...site,
      evidence: { remove: () => Promise.reject(new Error("killed")) },
    })
    site.time.now = new Date(site.time.now.getTime() + DAY_MS)
    await site.destroyDue.run({}, signal)
    site.time.now = new Date(site.time.now.getTime() + DAY_MS)
    await site.destroyDue.run({}, signal)
    site.time.now = new Date(site.time.now.getTime() + DAY_MS)
    await expect(killed.run({}, signal)).rejects.toThrow("killed")
    const before = (await site.preservation.ofCase(site.caseId)).evidence.map(({ certificateId }) => certificateId)
    await site.destroyDue.run({}, signal)
    const { evidence } = await site.preservation.ofCase(site.caseId)
    expect(evidence.map(({ certificateId }) => certificateId)).toEqual(before)
    expect(site.removed.toSorted()).toEqual(site.evidenceIds)
  })
})

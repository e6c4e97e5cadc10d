import { randomBytes } from "node:crypto"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { createHarness } from "@nightlight/dev-env/server/cases"
import { Client } from "pg"
import { describe, expect, it } from "vitest"
import { destroyAct } from "../../../src/filing/preservation/acts.ts"
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
const DAY = 86_400_000
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
      time.now = new Date(time.now.getTime() + DAY)
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

const clear = (at: Awaited<ReturnType<typeof service>>) =>
  transact(at, "person-1", (tx) => at.preservation.caseCleared(tx, at.caseId))
const finish = (at: Awaited<ReturnType<typeof service>>, environment: "test" | "production") =>
  transact(at, "system-filing", (tx) =>
    at.preservation.reportFinished(tx, {
      reportId: "report-1" as ReportId,
      caseId: at.caseId,
      environment,
      remoteReportId: "1",
      evidenceIds: at.evidenceIds,
      finishedAt: at.time.now,
    }),
  )

describe("preservation", () => {
  it("destroys what a review cleared within seven days, with a certificate, and what was said of it", async () => {
    const at = await service()
    await at.contextKeys.seal(at.db, at.caseId, "note", "canary-context")
    await clear(at)
    await at.pass(2)
    expect(at.removed).toEqual([])
    await at.pass(5)
    expect(at.removed.toSorted()).toEqual(at.evidenceIds)
    const { evidence } = await at.preservation.ofCase(at.caseId)
    expect(evidence.map(({ state }) => state)).toEqual(["destroyed", "destroyed"])
    const certificate = await at.preservation.certificate(evidence[0]?.certificateId ?? "")
    expect(JSON.parse(certificate ?? "{}")).toMatchObject({ format: "nightlight-destruction/1", basis: "cleared" })
    await expect(at.contextKeys.open(at.db, at.caseId, "note", Buffer.alloc(40))).rejects.toMatchObject({
      code: "not_found",
    })
  })

  it("locks the evidence of a finished production report for a year", async () => {
    const at = await service()
    await finish(at, "production")
    const { evidence } = await at.preservation.ofCase(at.caseId)
    expect(evidence.map(({ state, lockedUntil }) => [state, lockedUntil?.toISOString()])).toEqual([
      ["locked", "2027-03-01T12:00:00.000Z"],
      ["locked", "2027-03-01T12:00:00.000Z"],
    ])
  })

  it("locks what a report filed, though the same sealed file stands in another case that was cleared", async () => {
    const at = await service()
    await clear(at)
    await transact(at, "system-filing", (tx) =>
      at.preservation.reportFinished(tx, {
        reportId: "report-2" as ReportId,
        caseId: `${at.caseId}-b`,
        environment: "production",
        remoteReportId: "2",
        evidenceIds: at.evidenceIds.slice(0, 1),
        finishedAt: at.time.now,
      }),
    )
    await at.pass(10)
    expect(at.removed).toEqual(at.evidenceIds.slice(1))
  })

  it("takes evidence that comes late the way of what its case had", async () => {
    const at = await service()
    const [first = "", second = ""] = at.evidenceIds
    const came = (caseId: string, evidenceId: string) =>
      transact(at, "system-intake", (tx) => at.preservation.evidenceCame(tx, { caseId, evidenceId }))
    const stateOf = async (evidenceId: string) =>
      (await at.preservation.list({ state: undefined, after: undefined, limit: 1000 })).find(
        (item) => item.evidenceId === evidenceId,
      )
    await came(at.caseId, first)
    expect(await stateOf(first)).toBeUndefined()
    await clear(at)
    await came(at.caseId, `${first}-late`)
    expect(await stateOf(`${first}-late`)).toMatchObject({ state: "clearing" })
    await at.pass(7)
    expect(await stateOf(first)).toMatchObject({ state: "destroyed" })
    await came(at.caseId, first)
    await came(`${at.caseId}-b`, second)
    expect(await stateOf(second)).toMatchObject({ state: "kept", caseId: `${at.caseId}-b`, destroyedAt: undefined })
    await at.pass(7)
    expect(at.removed.filter((id) => id === first)).toHaveLength(2)
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
    const at = await service()
    await finish(at, "test")
    expect((await at.preservation.ofCase(at.caseId)).evidence).toEqual([])
  })

  it("takes back the clearing of what is reported after all", async () => {
    const at = await service()
    await clear(at)
    await finish(at, "production")
    await at.pass(10)
    expect(at.removed).toEqual([])
  })

  it("destroys nothing that a hold is on, until it is lifted", async () => {
    const at = await service()
    await clear(at)
    const holdId = await transact(at, "person-1", (tx) =>
      at.preservation.hold(tx, "person-1", at.caseId, { reason: "litigation", reference: "canary-letter" }),
    )
    await at.pass(10)
    expect(at.removed).toEqual([])
    await at.preservation.lift(person("person-1"), holdId, "matter-ended")
    await at.pass(1)
    expect(at.removed).toHaveLength(2)
    const log = JSON.stringify(await readEvents(at.db, { subject: at.caseId }))
    expect(log).not.toContain("canary")
  })

  it("removes no file that a report locked after the job had read it as due", async () => {
    const at = await service()
    await clear(at)
    const { evidence: due } = await at.preservation.ofCase(at.caseId)
    await finish(at, "production")
    const order = { basis: "cleared", people: [] } as const
    expect(await transact(at, "system-destruction", (tx) => orderDestruction(at, tx, due, order))).toBeUndefined()
    expect(await destroyOrdered(at, due, signal)).toBe(0)
    expect(at.removed).toEqual([])
  })

  it("orders nothing destroyed that a hold came on after the job had read it as due", async () => {
    const at = await service()
    await clear(at)
    const { evidence: due } = await at.preservation.ofCase(at.caseId)
    const order = { basis: "cleared", people: [] } as const
    let ordering: Promise<unknown> = Promise.resolve()
    await transact(at, "person-1", async (tx) => {
      await at.preservation.hold(tx, "person-1", at.caseId, { reason: "litigation", reference: "canary-letter" })
      // At the same time: it waits for the hold, and then sees it.
      ordering = transact(at, "system-destruction", (other) => orderDestruction(at, other, due, order))
      await at.preservation.ofCase(at.caseId)
    })
    expect(await ordering).toBeUndefined()
    expect((await at.preservation.ofCase(at.caseId)).evidence.map(({ state }) => state)).toEqual([
      "clearing",
      "clearing",
    ])
  })

  it("ends no lock that is over when a hold comes on the case at the same time", async () => {
    const at = await service()
    await finish(at, "production")
    at.time.now = new Date(at.time.now.getTime() + 366 * DAY)
    await at.guard.confirm("person-1")
    const act = destroyAct({ ...at, asksForDestruction: async () => false, requestDigest: async () => "" })
    const by = { actId: "act-1", subject: at.caseId, askedBy: "person-1", secondedBy: "person-2" } as const
    let ending: Promise<unknown> = Promise.resolve()
    await transact(at, "person-1", async (tx) => {
      await at.preservation.hold(tx, "person-1", at.caseId, { reason: "litigation", reference: "canary-letter" })
      ending = transact(at, "person-2", (other) => act.perform(other, { basis: "expired" }, by as never)).catch(
        (error: unknown) => error,
      )
      await untilWaiting(db.superuser, 1)
    })
    expect(await ending).toMatchObject({ code: "state_conflict" })
    const { evidence } = await at.preservation.ofCase(at.caseId)
    expect(evidence.map(({ state }) => state)).toEqual(["locked", "locked"])
  })

  it("destroys what was said of a case whose last two pieces two workers end at once", async () => {
    const at = await service()
    await at.contextKeys.seal(at.db, at.caseId, "note", "canary-context")
    await clear(at)
    const { evidence: due } = await at.preservation.ofCase(at.caseId)
    const order = { basis: "cleared", people: [] } as const
    await transact(at, "system-destruction", (tx) => orderDestruction(at, tx, due, order))
    const writer = new Client(db.superuser)
    await writer.connect()
    await writer.query("BEGIN")
    // As somebody who is writing to the log: neither of the two can commit before the other has looked.
    await writer.query("SELECT pg_advisory_xact_lock(7421001)")
    const both = Promise.all(due.map((item) => destroyOrdered(at, [item], signal)))
    await untilWaiting(db.superuser, 2)
    await writer.query("COMMIT")
    await writer.end()
    await both
    const types = (await readEvents(at.db, { subject: at.caseId })).map(({ type }) => type)
    expect(types.filter((type) => type === "case.context-destroyed")).toHaveLength(1)
  })

  it("clears no sealed file that an item brings to another case at the same time", async () => {
    const at = await service()
    const { cases, attach } = createHarness(db)
    const preservation = createPreservation({
      ...at,
      evidenceOf: (on, caseId) => cases.evidenceOf(on, caseId),
      evidenceOfAlone: (on, caseId) => cases.evidenceOfAlone(on, caseId),
    })
    const caseItem = anItem()
    const { evidenceId } = caseItem.evidence!
    const cleared = await attach(caseItem)
    let clearing: Promise<void> = Promise.resolve()
    await transact(at, "system-intake", async (tx) => {
      const { caseId } = await cases.attach(tx, anItem({ evidence: caseItem.evidence, itemKey: "0".repeat(64) }))
      await preservation.evidenceCame(tx, { caseId, evidenceId })
      clearing = transact(at, "person-1", (other) => preservation.caseCleared(other, cleared.caseId))
      await Promise.race([clearing, untilWaiting(db.superuser, 1)])
    })
    await clearing
    expect(await preservation.find(evidenceId)).toMatchObject({ state: "kept" })
  })

  it("says of no piece that it is kept again whose destruction was ordered at the same time", async () => {
    const at = await service()
    await clear(at)
    const { evidence: due } = await at.preservation.ofCase(at.caseId)
    const [evidenceId = ""] = at.evidenceIds
    const order = { basis: "cleared", people: [] } as const
    let coming: Promise<void> = Promise.resolve()
    await transact(at, "system-destruction", async (tx) => {
      await orderDestruction(at, tx, due, order)
      coming = transact(at, "system-intake", (other) =>
        at.preservation.evidenceCame(other, { caseId: `${at.caseId}-b`, evidenceId }),
      )
      await untilWaiting(db.superuser, 1)
    })
    await coming
    const types = (await readEvents(at.db, { subject: evidenceId })).map(({ type }) => type)
    expect(types).toEqual(["evidence.destruction-ordered"])
  })

  it("ends nothing by a clock that jumped 400 days ahead and 2 back, and raises an alarm", async () => {
    const at = await service()
    await clear(at)
    at.time.now = new Date(at.time.now.getTime() + 400 * DAY)
    await at.destroyDue.run({}, signal)
    at.time.now = new Date(at.time.now.getTime() - 2 * DAY)
    await at.destroyDue.run({}, signal)
    expect(at.removed).toEqual([])
    expect((await at.alarms.list(true)).map(({ code }) => code)).toContain("clock-jumped")
    await at.guard.confirm("person-1")
    await at.destroyDue.run({}, signal)
    expect(at.removed).toHaveLength(2)
  })

  it("stays suspended by a clock that jumped though another server looks at the same time", async () => {
    const at = await service()
    const ahead = createClockGuard({ ...at, clock: { now: () => new Date(at.time.now.getTime() + 400 * DAY) } })
    const writer = new Client(db.superuser)
    await writer.connect()
    await writer.query("BEGIN")
    // As somebody who is writing to the log: the first cannot commit before the second has looked.
    await writer.query("SELECT pg_advisory_xact_lock(7421001)")
    const first = ahead.mayEnd()
    await untilWaiting(db.superuser, 1)
    const both = Promise.all([first, at.guard.mayEnd()])
    await untilWaiting(db.superuser, 2)
    await writer.query("COMMIT")
    await writer.end()
    expect(await both).toEqual([false, false])
    expect((await at.guard.state()).suspendedAt).toBeInstanceOf(Date)
  })

  it("finishes under the same certificate what a killed job left half done", async () => {
    const at = await service()
    await clear(at)
    const killed = destroyDueJob({
      ...at,
      evidence: { remove: () => Promise.reject(new Error("killed")) },
    })
    at.time.now = new Date(at.time.now.getTime() + DAY)
    await at.destroyDue.run({}, signal)
    at.time.now = new Date(at.time.now.getTime() + DAY)
    await at.destroyDue.run({}, signal)
    at.time.now = new Date(at.time.now.getTime() + DAY)
    await expect(killed.run({}, signal)).rejects.toThrow("killed")
    const before = (await at.preservation.ofCase(at.caseId)).evidence.map(({ certificateId }) => certificateId)
    await at.destroyDue.run({}, signal)
    const { evidence } = await at.preservation.ofCase(at.caseId)
    expect(evidence.map(({ certificateId }) => certificateId)).toEqual(before)
    expect(at.removed.toSorted()).toEqual(at.evidenceIds)
  })
})

function person(id: string) {
  return {
    kind: "person" as const,
    id: id as never,
    roles: new Set(["counsel"] as const),
    session: "session-1",
    steppedUpUntil: undefined,
  }
}

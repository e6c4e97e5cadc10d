import { randomBytes, randomUUID } from "node:crypto"
import { DependencyError } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { describe, expect, it } from "vitest"
import { DESTROY_APPROVAL, destroyApproval } from "../../../src/filing/preservation/approvals.ts"
import { createClockGuard } from "../../../src/filing/preservation/clock-guard.ts"
import { destroyOrdered } from "../../../src/filing/preservation/destroy.ts"
import { createPreservation } from "../../../src/filing/preservation/service.ts"
import type { ReportId } from "../../../src/filing/reports/types.ts"
import { findCaseKeyProblem, findCertificateProblem } from "../../../src/oversight/audit/compare-certificates.ts"
import { Rebuilt } from "../../../src/oversight/audit/rebuild.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createAlarms } from "../../../src/staff/alarms/service.ts"
import { openEnrolments, openKeeper, sealedByName } from "../../support/custody.ts"
import { hire, openStaff } from "../../support/staff.ts"
import { asSuperuser, whileTablesChanged } from "../../support/superuser.ts"

const db = useDatabase()
const signal = new AbortController().signal

/** Evidence of a finished production report, two counsels with keys, and a custodian. */
async function makeHouse() {
  const enrolments = openEnrolments()
  const staff = await openStaff(db.database, { signing: enrolments.signing("when-enrolled") })
  const { clock, approvals } = staff
  const contextKeys = openContextKeys(randomBytes(32))
  const alarms = createAlarms(staff)
  const { keeper, asked, state } = openKeeper()
  const removed: string[] = []
  const caseId = `case-${randomUUID()}`
  const evidenceIds = [`evidence-${randomUUID()}`, `evidence-${randomUUID()}`].toSorted()
  const evidence = { remove: async (id: string) => removed.push(id) > 0 }
  const deps = {
    db: staff.db,
    clock,
    contextKeys,
    alarms,
    custodian: keeper,
    sealedOf: sealedByName,
    evidence,
    backupDays: 30,
  }
  const guard = createClockGuard(deps)
  const evidenceOf = async () => evidenceIds
  const preservation = createPreservation({ ...deps, evidenceOf, evidenceOfAlone: evidenceOf })
  approvals.register(
    destroyApproval({
      ...deps,
      guard,
      asksForDestruction: async (_db, id) => id === "request-1",
      requestDigest: async () => "e".repeat(64),
    }),
  )
  await transact(deps, "system-filing", (tx) =>
    preservation.reportFinished(tx, {
      reportId: "report-1" as ReportId,
      caseId,
      environment: "production",
      remoteReportId: "1",
      evidenceIds,
      finishedAt: clock.now(),
    }),
  )
  const [ada, ben] = [await hire(staff, "counsel"), await hire(staff, "counsel")]
  for (const { id } of [ada, ben]) await enrolments.enrol(id)

  async function ask() {
    const actor = await ada.actor()
    const payload = { basis: "law-enforcement-request", requestId: "request-1" }
    const approval = await transact(deps, actor.id, (tx) =>
      approvals.request(tx, actor, DESTROY_APPROVAL, caseId, payload),
    )
    return approvals.sign(actor, approval.id, await enrolments.prove(approval, "request", ada.id, clock.now()))
  }
  async function order() {
    const approval = await ask()
    const proof = await enrolments.prove(approval, "approve", ben.id, clock.now())
    return (await approvals.approve(await ben.actor(), approval.id, proof)).approval
  }
  const states = async () => (await preservation.ofCase(caseId)).evidence.map((piece) => piece.state)
  const run = async () => destroyOrdered(deps, (await preservation.ofCase(caseId)).evidence, signal)
  const house = { ...staff, ...deps, enrolments, preservation, asked, state, removed, caseId, evidenceIds }
  return { ...house, ada, ben, ask, order, states, run }
}

describe("the destruction of locked evidence", () => {
  it("hands the custodian the grant with both people's signatures, and removes the files on its receipt", async () => {
    const house = await makeHouse()
    const approval = await house.order()
    expect(house.removed).toEqual([])
    expect(await house.run()).toBe(2)
    expect(house.removed).toEqual(house.evidenceIds)
    expect(await house.states()).toEqual(["destroyed", "destroyed"])
    expect(house.asked).toMatchObject([
      {
        proven: {
          grant: { purpose: "destroy", grantId: approval.id, caseId: house.caseId, requestedBy: house.ada.id },
          proofs: [{ person: house.ada.id }, { person: house.ben.id }],
        },
      },
    ])
    const types = (await readEvents(house.db, { subject: house.caseId })).map(({ type }) => type)
    expect(types.slice(-2)).toEqual(["evidence.destruction-receipted", "case.context-destroyed"])
  })

  it("is not approved before whoever asked has signed it, nor without the approver's signature", async () => {
    const house = await makeHouse()
    const [ada, ben] = [await house.ada.actor(), await house.ben.actor()]
    const payload = { basis: "order", requestId: "request-1" }
    const approval = await transact(house, ada.id, (tx) =>
      house.approvals.request(tx, ada, DESTROY_APPROVAL, house.caseId, payload),
    )
    const proof = await house.enrolments.prove(approval, "approve", ben.id, house.clock.now())
    await expect(house.approvals.approve(ben, approval.id, proof)).rejects.toMatchObject({ code: "state_conflict" })
    const ask = await house.enrolments.prove(approval, "request", ada.id, house.clock.now())
    await house.approvals.sign(ada, approval.id, ask)
    await expect(house.approvals.approve(ben, approval.id)).rejects.toMatchObject({ code: "state_conflict" })
    expect(await house.states()).toEqual(["locked", "locked"])
  })

  it("is not asked for by somebody without a key, though other approvals need none here", async () => {
    const house = await makeHouse()
    house.enrolments.revoke(house.ada.id)
    await expect(house.ask()).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("that the custodian refuses leaves every file, locked as before, and raises an alarm", async () => {
    const house = await makeHouse()
    await house.order()
    house.state.reason = "not-enrolled"
    expect(await house.run()).toBe(0)
    expect(house.removed).toEqual([])
    expect(await house.states()).toEqual(["locked", "locked"])
    const alarms = (await house.alarms.list(true)).filter(({ subject }) => subject === house.caseId)
    expect(alarms).toMatchObject([{ code: "destruction-refused", data: { reason: "not-enrolled" } }])
  })

  it("waits where the custodian says that it may come later, or does not answer", async () => {
    const house = await makeHouse()
    await house.order()
    house.state.reason = "hourly-cap"
    expect(await house.run()).toBe(0)
    expect(await house.states()).toEqual(["destroying", "destroying"])
    house.state.reason = undefined
    house.state.alter = () => {
      throw new DependencyError("timed_out", "the custodian does not answer in time")
    }
    await expect(house.run()).rejects.toMatchObject({ code: "timed_out" })
    expect(house.removed).toEqual([])
    house.state.alter = (receipt) => receipt
    expect(await house.run()).toBe(2)
    // The same grant each time: the custodian acts on it once.
    expect(new Set(house.asked.map((body) => JSON.stringify(body))).size).toBe(1)
  })

  const forged: readonly [string, (receipt: object) => object][] = [
    ["for other evidence", (receipt) => ({ ...receipt, evidence: [] })],
    ["of another order", (receipt) => ({ ...receipt, orderId: "act-other" })],
    ["whose signature is none", (receipt) => ({ ...receipt, signature: "0".repeat(128) })],
  ]
  it.each(forged)("removes nothing on a receipt %s", async (_name, alter) => {
    const house = await makeHouse()
    await house.order()
    house.state.alter = alter
    await expect(house.run()).rejects.toMatchObject({ code: "answer_malformed" })
    expect(house.removed).toEqual([])
    expect(await house.states()).toEqual(["destroying", "destroying"])
  })

  it("takes no receipt that stands in the database alone, and asks the custodian all the same", async () => {
    const house = await makeHouse()
    const approval = await house.order()
    house.state.reason = "on-hold"
    const piece = (evidenceId: string) => ({ evidenceId, ciphertextSha256: "0".repeat(64), file: "left" as const })
    const receipt = {
      ...({ format: "nightlight-destruction-receipt/1", orderId: approval.id, orderSha256: "0".repeat(64) } as const),
      ...({
        caseId: house.caseId,
        basis: "law-enforcement-request",
        at: "2026-03-01T12:00:00.000Z",
        people: [],
      } as const),
      evidence: house.evidenceIds.map(piece),
      keyId: "0".repeat(64),
      signature: "0".repeat(128),
    }
    const { certificateId = "" } = (await house.preservation.ofCase(house.caseId)).evidence[0] ?? {}
    await asSuperuser(db, ({ run }) =>
      run("INSERT INTO destruction_receipts VALUES ($1, $2, now())", certificateId, JSON.stringify(receipt)),
    )
    expect(await house.run()).toBe(0)
    expect(house.removed).toEqual([])
    expect(house.asked).toHaveLength(1)
    await asSuperuser(db, ({ run }) => run("DELETE FROM destruction_receipts WHERE certificate_id = $1", certificateId))
  })

  it("stands as certified and receipted in a database that verifies, and in none where somebody changed that", async () => {
    const house = await makeHouse()
    await house.contextKeys.seal(house.db, house.caseId, "test", "said")
    await house.order()
    await house.run()
    const log = new Rebuilt()
    for (const event of await readEvents(house.db, {})) log.take(event)
    const find = async () => (await findCertificateProblem(house.db, log)) ?? (await findCaseKeyProblem(house.db, log))
    expect(await find()).toBeUndefined()
    const attacks = [
      ["destruction_certificates", "state", "UPDATE destruction_certificates SET document = document || ' '"],
      ["destruction_certificates", "state", "UPDATE destruction_certificates SET case_id = 'case-x'"],
      ["destruction_certificates", "missing", "DELETE FROM destruction_certificates"],
      ["destruction_receipts", "state", `UPDATE destruction_receipts SET document = document || '{"people": []}'`],
      ["destruction_receipts", "missing", "DELETE FROM destruction_receipts"],
      ["case_keys", "ended", "UPDATE case_keys SET wrapped = 'x', destroyed_at = NULL"],
    ] as const
    for (const [table, what, statement] of attacks) {
      await whileTablesChanged(db, [table], {
        approval: () => asSuperuser(db, ({ run }) => run(statement)),
        viewing: async () => {
          expect(await find()).toMatchObject({ table, what })
        },
      })
    }
  })

  it("asks the custodian once and gives one certificate though the run ends after any of its steps", async () => {
    const house = await makeHouse()
    await house.order()
    const failing = { ...house, evidence: { remove: async () => Promise.reject(new Error("killed")) } }
    const pieces = async () => (await house.preservation.ofCase(house.caseId)).evidence
    await expect(destroyOrdered(failing, await pieces(), signal)).rejects.toThrow("killed")
    expect(house.asked).toHaveLength(1)
    const [first] = await pieces()
    expect(await destroyOrdered(house, [first!], signal)).toBe(1)
    expect(await house.run()).toBe(1)
    expect(house.asked).toHaveLength(1)
    const certificates = new Set((await pieces()).map(({ certificateId }) => certificateId))
    expect(certificates.size).toBe(1)
  })

  it("asked for over evidence that has since grown is asked for again", async () => {
    const house = await makeHouse()
    const approval = await house.ask()
    house.evidenceIds.push(`evidence-${randomUUID()}`)
    await transact(house, "system-filing", (tx) =>
      house.preservation.reportFinished(tx, {
        reportId: "report-2" as ReportId,
        caseId: house.caseId,
        environment: "production",
        remoteReportId: "2",
        evidenceIds: house.evidenceIds,
        finishedAt: house.clock.now(),
      }),
    )
    const proof = await house.enrolments.prove(approval, "approve", house.ben.id, house.clock.now())
    await expect(house.approvals.approve(await house.ben.actor(), approval.id, proof)).rejects.toMatchObject({
      code: "state_conflict",
    })
  })
})

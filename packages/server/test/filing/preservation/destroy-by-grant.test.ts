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
import { addMember, openStaff } from "../../support/staff.ts"
import { asSuperuser, whileTablesChanged } from "../../support/superuser.ts"

const db = useDatabase()
const signal = new AbortController().signal

/** Evidence of a finished production report, two counsels with keys, and a custodian. */
async function makeInstallation() {
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
  const [ada, ben] = [await addMember(staff, "counsel"), await addMember(staff, "counsel")]
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
  const installation = { ...staff, ...deps, enrolments, preservation, asked, state, removed, caseId, evidenceIds }
  return { ...installation, ada, ben, ask, order, states, run }
}

describe("the destruction of locked evidence", () => {
  it("passes the custodian the grant with both people's signatures, and deletes the files on its receipt", async () => {
    const installation = await makeInstallation()
    const approval = await installation.order()
    expect(installation.removed).toEqual([])
    expect(await installation.run()).toBe(2)
    expect(installation.removed).toEqual(installation.evidenceIds)
    expect(await installation.states()).toEqual(["destroyed", "destroyed"])
    expect(installation.asked).toMatchObject([
      {
        proven: {
          grant: {
            purpose: "destroy",
            grantId: approval.id,
            caseId: installation.caseId,
            requestedBy: installation.ada.id,
          },
          proofs: [{ person: installation.ada.id }, { person: installation.ben.id }],
        },
      },
    ])
    const types = (await readEvents(installation.db, { subject: installation.caseId })).map(({ type }) => type)
    expect(types.slice(-2)).toEqual(["evidence.destruction-receipted", "case.context-destroyed"])
  })

  it("is not approved before its requester has signed it, nor without the approver's signature", async () => {
    const installation = await makeInstallation()
    const [ada, ben] = [await installation.ada.actor(), await installation.ben.actor()]
    const payload = { basis: "order", requestId: "request-1" }
    const approval = await transact(installation, ada.id, (tx) =>
      installation.approvals.request(tx, ada, DESTROY_APPROVAL, installation.caseId, payload),
    )
    const proof = await installation.enrolments.prove(approval, "approve", ben.id, installation.clock.now())
    await expect(installation.approvals.approve(ben, approval.id, proof)).rejects.toMatchObject({
      code: "state_conflict",
    })
    const ask = await installation.enrolments.prove(approval, "request", ada.id, installation.clock.now())
    await installation.approvals.sign(ada, approval.id, ask)
    await expect(installation.approvals.approve(ben, approval.id)).rejects.toMatchObject({ code: "state_conflict" })
    expect(await installation.states()).toEqual(["locked", "locked"])
  })

  it("cannot be requested by somebody without a key, although other approvals need none here", async () => {
    const installation = await makeInstallation()
    installation.enrolments.revoke(installation.ada.id)
    await expect(installation.ask()).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("that the custodian refuses leaves every file, locked as before, and raises an alarm", async () => {
    const installation = await makeInstallation()
    await installation.order()
    installation.state.reason = "not-enrolled"
    expect(await installation.run()).toBe(0)
    expect(installation.removed).toEqual([])
    expect(await installation.states()).toEqual(["locked", "locked"])
    const alarms = (await installation.alarms.list(true)).filter(({ subject }) => subject === installation.caseId)
    expect(alarms).toMatchObject([{ code: "destruction-refused", data: { reason: "not-enrolled" } }])
  })

  it("waits if the custodian says that it may come later, or does not answer", async () => {
    const installation = await makeInstallation()
    await installation.order()
    installation.state.reason = "hourly-cap"
    expect(await installation.run()).toBe(0)
    expect(await installation.states()).toEqual(["destroying", "destroying"])
    installation.state.reason = undefined
    installation.state.alter = () => {
      throw new DependencyError("timed_out", "the custodian does not answer in time")
    }
    await expect(installation.run()).rejects.toMatchObject({ code: "timed_out" })
    expect(installation.removed).toEqual([])
    installation.state.alter = (receipt) => receipt
    expect(await installation.run()).toBe(2)
    // The same grant each time: the custodian acts on it once.
    expect(new Set(installation.asked.map((body) => JSON.stringify(body))).size).toBe(1)
  })

  const forged: readonly [string, (receipt: object) => object][] = [
    ["for other evidence", (receipt) => ({ ...receipt, evidence: [] })],
    ["of another order", (receipt) => ({ ...receipt, orderId: "act-other" })],
    ["whose signature is none", (receipt) => ({ ...receipt, signature: "0".repeat(128) })],
  ]
  it.each(forged)("removes nothing on a receipt %s", async (_name, alter) => {
    const installation = await makeInstallation()
    await installation.order()
    installation.state.alter = alter
    await expect(installation.run()).rejects.toMatchObject({ code: "answer_malformed" })
    expect(installation.removed).toEqual([])
    expect(await installation.states()).toEqual(["destroying", "destroying"])
  })

  it("does not accept a receipt that is only in the database, and calls the custodian all the same", async () => {
    const installation = await makeInstallation()
    const approval = await installation.order()
    installation.state.reason = "on-hold"
    const piece = (evidenceId: string) => ({ evidenceId, ciphertextSha256: "0".repeat(64), file: "left" as const })
    const receipt = {
      format: "nightlight-destruction-receipt/1" as const,
      orderId: approval.id,
      orderSha256: "0".repeat(64),
      caseId: installation.caseId,
      basis: "law-enforcement-request" as const,
      at: "2026-03-01T12:00:00.000Z",
      people: [],
      evidence: installation.evidenceIds.map(piece),
      keyId: "0".repeat(64),
      signature: "0".repeat(128),
    }
    const { certificateId = "" } = (await installation.preservation.ofCase(installation.caseId)).evidence[0] ?? {}
    await asSuperuser(db, ({ run }) =>
      run("INSERT INTO destruction_receipts VALUES ($1, $2, now())", certificateId, JSON.stringify(receipt)),
    )
    expect(await installation.run()).toBe(0)
    expect(installation.removed).toEqual([])
    expect(installation.asked).toHaveLength(1)
    await asSuperuser(db, ({ run }) => run("DELETE FROM destruction_receipts WHERE certificate_id = $1", certificateId))
  })

  it("is certified and receipted in a database that verifies, and changing that is detected", async () => {
    const installation = await makeInstallation()
    await installation.contextKeys.seal(installation.db, installation.caseId, "test", "said")
    await installation.order()
    await installation.run()
    const log = new Rebuilt()
    for (const event of await readEvents(installation.db, {})) log.apply(event)
    const find = async () =>
      (await findCertificateProblem(installation.db, log)) ?? (await findCaseKeyProblem(installation.db, log))
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
        change: () => asSuperuser(db, ({ run }) => run(statement)),
        check: async () => {
          expect(await find()).toMatchObject({ table, what })
        },
      })
    }
  })

  it("calls the custodian once and writes one certificate even if the run ends after any of its steps", async () => {
    const installation = await makeInstallation()
    await installation.order()
    const failing = { ...installation, evidence: { remove: async () => Promise.reject(new Error("killed")) } }
    const pieces = async () => (await installation.preservation.ofCase(installation.caseId)).evidence
    await expect(destroyOrdered(failing, await pieces(), signal)).rejects.toThrow("killed")
    expect(installation.asked).toHaveLength(1)
    const [first] = await pieces()
    expect(await destroyOrdered(installation, [first!], signal)).toBe(1)
    expect(await installation.run()).toBe(1)
    expect(installation.asked).toHaveLength(1)
    const certificates = new Set((await pieces()).map(({ certificateId }) => certificateId))
    expect(certificates.size).toBe(1)
  })

  it("must be requested again if the evidence has grown since", async () => {
    const installation = await makeInstallation()
    const approval = await installation.ask()
    installation.evidenceIds.push(`evidence-${randomUUID()}`)
    await transact(installation, "system-filing", (tx) =>
      installation.preservation.reportFinished(tx, {
        reportId: "report-2" as ReportId,
        caseId: installation.caseId,
        environment: "production",
        remoteReportId: "2",
        evidenceIds: installation.evidenceIds,
        finishedAt: installation.clock.now(),
      }),
    )
    const proof = await installation.enrolments.prove(
      approval,
      "approve",
      installation.ben.id,
      installation.clock.now(),
    )
    await expect(
      installation.approvals.approve(await installation.ben.actor(), approval.id, proof),
    ).rejects.toMatchObject({
      code: "state_conflict",
    })
  })
})

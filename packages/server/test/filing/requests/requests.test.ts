import { randomBytes } from "node:crypto"
import type { ProvenGrant } from "@nightlight/contract/custodian"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { describe, expect, it } from "vitest"
import type { HoldRequest } from "../../../src/filing/preservation/service.ts"
import { createRequests } from "../../../src/filing/requests/service.ts"
import type { PersonId } from "../../../src/platform/auth/actor.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { openKeeper, provenBy, sealedByName } from "../../support/custody.ts"

const db = useDatabase()
const now = new Date("2026-03-01T12:00:00.000Z")
const counsel = aPerson("counsel")
const scope = { agency: "canary-agency", officer: "canary-officer", reference: "canary-7", scope: "canary-scope" }

function openRequests() {
  const keeper = openKeeper()
  const held: { caseId: string; request: HoldRequest }[] = []
  const deps = { db: db.database.kysely, clock: { now: () => now }, contextKeys: openContextKeys(randomBytes(32)) }
  const requests = createRequests({
    ...deps,
    custodian: keeper.keeper,
    sealedOf: sealedByName,
    preservation: {
      hold: async (_under, _actor, caseId, request) => {
        held.push({ caseId, request })
        return "hold-1"
      },
    },
    custodyOf: async (caseId) => ({ caseId, items: [], evidence: [], reportIds: [] }),
  })
  const open = (kind: "preservation-2703f" | "legal-process" | "destruction") =>
    requests.open(counsel, { kind, scope, receivedAt: now, dueAt: undefined })
  return { ...deps, requests, held, open, keeper }
}

describe("a request of an authority", () => {
  it("keeps its requester and scope sealed: neither row nor log names them", async () => {
    const { requests, open, db: kysely } = openRequests()
    const { requestId } = await open("legal-process")
    expect((await requests.read(counsel, requestId)).scope).toEqual(scope)
    const row = await kysely.selectFrom("le_requests").selectAll().where("request_id", "=", requestId).execute()
    const log = await readEvents(kysely, { subject: requestId })
    expect(log.map(({ type }) => type)).toEqual(["request.opened", "request.read"])
    expect(JSON.stringify([row.map(({ sealed }) => sealed.toString("latin1")), log])).not.toContain("canary")
  })

  it("holds a case's evidence for 90 days on a preservation letter, once however often the case is linked", async () => {
    const { requests, held, open } = openRequests()
    const { requestId } = await open("preservation-2703f")
    await requests.link(counsel, requestId, "case-1")
    await requests.link(counsel, requestId, "case-1")
    expect(held).toHaveLength(1)
    expect(held[0]).toMatchObject({ caseId: "case-1", request: { reason: "2703f", requestId } })
    expect(held[0]?.request.until?.toISOString()).toBe("2026-05-30T12:00:00.000Z")
  })

  it("permits disclosing a custody record only if it is open and linked to the case, and logs who did so", async () => {
    const site = openRequests()
    const { requestId } = await site.open("legal-process")
    const payload = { requestId, kind: "custody-record" } as const
    const second = "person-2" as PersonId
    const people = { requestedBy: counsel.id, approvedBy: second }
    const grant = await transact(site, counsel.id, (tx) =>
      site.requests.discloseApproval.grantOf!(tx, {
        approvalId: "approval-1",
        subject: "case-9",
        payload,
        requestedBy: counsel.id,
        requestedAt: now,
      }),
    )
    const proven = await provenBy(grant, [counsel.id, second])
    const disclose = (given?: ProvenGrant) =>
      transact(site, second, (tx) =>
        site.requests.discloseApproval.perform(tx, payload, {
          approvalId: "approval-1",
          subject: "case-9",
          ...people,
          proven: given,
        }),
      )
    await expect(disclose(proven)).rejects.toMatchObject({ code: "input_invalid" })
    await site.requests.link(counsel, requestId, "case-9")
    // Nothing leaves without both signatures, a custodian that allows it, and its own receipt over this very grant.
    await expect(disclose()).rejects.toMatchObject({ code: "state_conflict" })
    site.keeper.state.reason = "role-missing"
    await expect(disclose(proven)).rejects.toMatchObject({ code: "forbidden" })
    site.keeper.state.reason = undefined
    site.keeper.state.alter = (receipt) => ({ ...receipt, requestId: "request-other" })
    await expect(disclose(proven)).rejects.toMatchObject({ code: "answer_malformed" })
    site.keeper.state.alter = (receipt) => receipt
    expect((await site.requests.log(requestId)).disclosures).toEqual([])
    expect(await disclose(proven)).toMatchObject({
      record: { format: "nightlight-custody-record/1", caseId: "case-9" },
      receipt: { grantId: "approval-1", people: [counsel.id, "person-2"] },
    })
    expect(grant).toMatchObject({ purpose: "disclose", kind: "custody-record", handover: "shown-to-approver" })
    const { disclosures, cases } = await site.requests.log(requestId)
    expect(cases).toEqual(["case-9"])
    expect((await readEvents(site.db, { subject: requestId })).map(({ type }) => type)).not.toContain("request.read")
    expect(disclosures).toMatchObject([
      { caseId: "case-9", requestedBy: counsel.id, approvedBy: "person-2", approvalId: "approval-1" },
    ])
    await site.requests.close(counsel, requestId)
    await expect(disclose(proven)).rejects.toMatchObject({ code: "input_invalid" })
  })

  it("permits destruction only if it is of that kind and names the case", async () => {
    const { requests, open, db: kysely } = openRequests()
    const { requestId } = await open("destruction")
    expect(await requests.asksForDestruction(kysely, requestId, "case-2")).toBe(false)
    expect(await requests.list({ caseId: "case-2" })).toEqual([])
    await requests.link(counsel, requestId, "case-2")
    expect(await requests.list({ caseId: "case-2", state: "open" })).toMatchObject([{ requestId }])
    expect(await requests.asksForDestruction(kysely, requestId, "case-2")).toBe(true)
    const letter = await open("preservation-2703f")
    await requests.link(counsel, letter.requestId, "case-2")
    expect(await requests.asksForDestruction(kysely, letter.requestId, "case-2")).toBe(false)
  })
})

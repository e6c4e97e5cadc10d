import { randomUUID } from "node:crypto"
import { NOTICE_TYPES } from "@nightlight/contract/custodian"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { createOriginals } from "../../../src/casework/originals/service.ts"
import { insertDraft, readReport } from "../../../src/filing/reports/store.ts"
import type { ReportId } from "../../../src/filing/reports/types.ts"
import { createRequests } from "../../../src/filing/requests/service.ts"
import { sendNotices } from "../../../src/oversight/restores/send-notices.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { anItem } from "../../casework/cases/builders.ts"
import { aProvenGrant, aViewer, createViewingsHarness } from "../../casework/viewings/harness.ts"
import { openKeeper, sealedByName } from "../../support/custody.ts"
import { addMember } from "../../support/staff.ts"
import { asSuperuser } from "../../support/superuser.ts"
import { makeSite, type Site } from "./site.ts"

const database = useDatabase()

// The same as in reconcile.test.ts: each file has a site of its own, and Vitest fills it only where it is declared.
let site: Site
beforeAll(async () => {
  site = await makeSite(database)
})
beforeEach(() => site.endRestore())
afterAll(() => site.close())

const typesOf = async (subject: string) => (await readEvents(site.db, { subject })).map(({ type }) => type)
const problems = async () => (await site.tasks.open(10)).map(({ kind, code }) => [kind, code])

it("an approval that waited in the backup expires and cannot be approved, since it may have been declined", async () => {
  const { approvals } = site.staff
  const { first, second } = site.administrators
  const member = await addMember(site.staff, "reviewer")
  const asked = await first.actor()
  const approval = await transact(site.staff, first.id, (step) =>
    approvals.request(step, asked, "role.grant", member.id, { role: "reporter" }),
  )
  await site.restore()
  await expect(approvals.approve(await second.actor(), approval.id)).rejects.toMatchObject({ code: "state_conflict" })
  expect(await approvals.list(asked, "waiting")).toEqual([])
  const [last] = await readEvents(site.db, { subject: approval.id, types: ["approval.expired"] })
  expect(last).toMatchObject({ actor: "system-host", data: { requestedBy: first.id, why: "restored" } })
  expect((await site.staff.people.access(member.id))?.roles.has("reporter")).toBe(false)
  expect(await site.reconcile()).toMatchObject({ isOpen: false })
})

it("a request for an original that waited in the backup is withdrawn", async () => {
  const viewings = createViewingsHarness(database)
  const originals = createOriginals({
    db: viewings.db,
    clock: viewings.clock,
    cases: viewings.cases,
    training: viewings.training,
    areIndependent: async () => true,
  })
  const [viewer, other] = [await aViewer(aPerson("senior-reviewer")), await aViewer(aPerson("reviewer"))]
  const item = await viewings.attach(anItem({}))
  await viewings.cases.claim(viewer.person, item.caseId, (await viewings.cases.get(item.caseId))!.version)
  const { grant, proofs } = await aProvenGrant(viewings, item, viewer, { purpose: "original" })
  if (grant.purpose !== "original") throw new TypeError("expected an original")
  const { request } = await originals.request(viewer.person, item, { grant, proof: proofs[0]! })
  await site.restore()
  const proof = { person: other.person.id, signature: proofs[0]!.signature }
  await expect(originals.prove(other.person, request.id, proof)).rejects.toMatchObject({ code: "state_conflict" })
  expect(await typesOf(item.caseId)).toContain("original.withdrawn")
})

it("a request that was closed since is closed again, and one that arrived since is a task until a person handles it", async () => {
  const requests = createRequests({
    db: site.db,
    clock: site.staff.clock,
    contextKeys: site.harness.contextKeys,
    sealedOf: sealedByName,
    custodian: openKeeper().keeper,
    preservation: { hold: async () => "hold-1" },
    custodyOf: async (caseId) => ({ caseId, items: [], evidence: [], reportIds: [] }),
  })
  const counsel = aPerson("counsel")
  const scope = { agency: "Agency", officer: "Officer", reference: "1", scope: "everything" }
  const receivedAt = site.staff.clock.now()
  const open = () => requests.open(counsel, { kind: "legal-process", scope, receivedAt, dueAt: undefined })
  const [closed, kept] = [await open(), await open()]
  await site.lose(
    { type: "request.closed", subject: closed.requestId },
    { type: "request.opened", subject: "request-since", data: { kind: "legal-process" } },
    { type: "request.opened", subject: "request-since-and-closed", data: { kind: "legal-process" } },
    { type: "request.closed", subject: "request-since-and-closed" },
  )
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: true, differing: 1 })
  expect(await problems()).toEqual([["restore-request-opened", "request-unknown"]])
  expect((await requests.log(closed.requestId)).request).toMatchObject({ state: "closed" })
  expect((await requests.log(kept.requestId)).request).toMatchObject({ state: "open" })
  await site.reconcile()
  expect((await typesOf(closed.requestId)).filter((type) => type === "request.closed")).toHaveLength(1)
})

it("a danger that was flagged since is flagged again and raises its alarm; for a missing case it is a task", async () => {
  const { caseId } = await site.harness.attach(anItem())
  await site.lose(
    { type: "case.danger-flagged", subject: caseId, data: { by: "person-lost" } },
    { type: "case.danger-flagged", subject: "case-since", data: { by: "person-lost" } },
  )
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: true, differing: 1 })
  expect(await problems()).toEqual([["restore-case-danger-flagged", "case-unknown"]])
  expect(await site.harness.cases.get(caseId)).toMatchObject({ danger: true })
  expect((await site.staff.alarms.list(true)).map(({ code, subject }) => [code, subject])).toContainEqual([
    "imminent-danger",
    caseId,
  ])
})

it("a report that was withdrawn since is withdrawn again; one that is approved here is a task", async () => {
  const draft = async () => {
    const id = `report-${randomUUID()}` as ReportId
    await transact(site.staff, "person-1", ({ trx }) =>
      insertDraft(trx, {
        id,
        case_id: `case-${randomUUID()}`,
        kind: "files",
        environment: "test",
        content: Buffer.from("sealed"),
        prepared_by: "person-1",
        created_at: site.staff.clock.now(),
        due_at: null,
      }),
    )
    return id
  }
  const [back, approved] = [await draft(), await draft()]
  await asSuperuser(database, ({ run }) => run("UPDATE reports SET state = 'approved' WHERE id = $1", approved))
  await site.lose(
    { type: "report.withdrawn", subject: back },
    { type: "report.withdrawn", subject: approved },
    { type: "report.withdrawn", subject: "report-since" },
  )
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: true, differing: 1 })
  expect(await problems()).toEqual([["restore-report-withdrawn", "report-went-on"]])
  expect(await readReport(site.db, back)).toMatchObject({ state: "withdrawn" })
  expect(await readReport(site.db, approved)).toMatchObject({ state: "approved" })
})

it("only the last of the policies that two people made active since is a task", async () => {
  const activated = (subject: string) => ({ type: "policy.activated", subject, data: { how: "activated" } }) as const
  await transact(site.staff, "person-1", async ({ record }) => record(activated("policy-old")))
  await site.lose(activated("policy-new"), activated("policy-old"))
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: false, differing: 0 })
  await site.lose(activated("policy-newer"), activated("policy-newest"))
  await site.restore()
  expect(await site.reconcile()).toMatchObject({ isOpen: true, differing: 1 })
  expect(await site.tasks.open(10)).toMatchObject([
    { kind: "restore-policy-activated", code: "policy-older", subject: "policy-newest" },
  ])
})

it("the custodian is told of each of these as it happens", async () => {
  const said = ["case.danger-flagged", "request.opened", "request.closed", "report.withdrawn"] as const
  const types = [...said, "list.false-positive-ended", "policy.activated"] as const
  expect(NOTICE_TYPES).toEqual(expect.arrayContaining([...types]))
  await transact(site.staff, "person-1", async ({ record }) => {
    for (const type of types) record({ type, subject: `subject-of-${type}` })
  })
  await sendNotices({ db: site.db, custodian: site.keeper })
  const told = [...site.keeper.notices.values()].map(({ data }) => data["subject"])
  expect(told).toEqual(expect.arrayContaining(types.map((type) => `subject-of-${type}`)))
})

import { randomUUID } from "node:crypto"
import {
  type AuthorisationRevocation,
  proveAuthorisationRevocation,
  proveFilingAuthorisation,
} from "@nightlight/contract/custodian"
import { MINUTE_MS } from "@nightlight/core"
import { journalOf } from "@nightlight/dev-env/custodian/serving"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness } from "@nightlight/dev-env/server/cases"
import { toKeyedDigest } from "@nightlight/vault"
import { beforeEach, describe, expect, it } from "vitest"
import { createCases } from "../../../src/casework/cases/service.ts"
import type { IncomingItem } from "../../../src/casework/cases/types.ts"
import { createReview } from "../../../src/casework/review/service.ts"
import { automateApproval } from "../../../src/filing/automatic/approval.ts"
import { fileAutomaticallyJob } from "../../../src/filing/automatic/jobs/file-automatically.ts"
import { createAutomation } from "../../../src/filing/automatic/service.ts"
import { automaticTemplate } from "../../../src/filing/automatic/template.ts"
import { includedEvidence } from "../../../src/filing/reports/draft/included.ts"
import { createReports } from "../../../src/filing/reports/service.ts"
import { listReports } from "../../../src/filing/reports/store.ts"
import { toSummary } from "../../../src/filing/reports/view.ts"
import { createEntryWatch } from "../../../src/intake/lists/entries.ts"
import type { Role } from "../../../src/platform/auth/actor.ts"
import { updateSealed } from "../../../src/platform/authority/sealed-rows.ts"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createApprovals } from "../../../src/staff/approvals/service.ts"
import { createPeople } from "../../../src/staff/people/service.ts"
import { findPerson } from "../../../src/staff/people/store.ts"
import { aMatch, anItem, inDataset } from "../../casework/cases/builders.ts"
import { unsignedApprovals } from "../../support/custody.ts"
import { untilWaiting } from "../../support/held-row.ts"
import { ORGANISATION, testDrafts } from "../../support/report-environment.ts"
import { putOnStaff } from "../../support/staff-rows.ts"
import { actor, type FilingInstallation, makeFilingInstallation } from "../reports/support/filing-environment.ts"

const db = useDatabase()
const timeout = 120_000
const none = new AbortController().signal

/** the service over a filing environment; its time is the machine's, moved on so that cases are quiet. */
async function makeSite() {
  const installation = await makeFilingInstallation(db)
  const { casesDeps } = createHarness(db)
  const { kysely } = db.database
  // Behind, so that what is granted after a wait is not of the future to the custodian.
  let aheadMs = -20 * MINUTE_MS
  const clock = { now: () => new Date(Date.now() + aheadMs) }
  const digests = toKeyedDigest(Buffer.alloc(32, 7))
  const jobs = { enqueue: async () => undefined }
  const shared = { ...casesDeps, clock, contextKeys: installation.contextKeys }
  const cases = createCases(shared)
  const review = createReview({ ...shared, jobs, digests, config: { secondReviewSampling: 1 }, decided: [] })
  const environment = "production" as const
  const drafts = testDrafts({ clock, cases, review })
  const reports = createReports({
    db: kysely,
    clock,
    jobs,
    sealed: installation.sealed,
    environment,
    areIndependent: async () => true,
    includedEvidence: (on, caseId) => includedEvidence({ cases, review }, on, caseId),
    drafts,
  })
  const custodian = openCustodianClient(installation.site.socket())
  const entries = createEntryWatch({ db: kysely, digests })
  await staffWith(installation.cora.id, "counsel")
  await staffWith(installation.rob.id, "reporter")
  const approvals = createApprovals({
    db: kysely,
    clock,
    people: createPeople({ db: kysely, clock }),
    signing: unsignedApprovals(),
  })
  approvals.register(automateApproval({ custodian }))
  const automation = createAutomation({
    db: kysely,
    clock,
    approvals,
    custodian,
    environment,
    template: () => automaticTemplate(ORGANISATION, clock.now()),
  })
  let paused = false
  const job = fileAutomaticallyJob({
    db: kysely,
    clock,
    alarms: casesDeps.alarms,
    cases,
    review,
    reports,
    drafts,
    entries,
    custodian,
    environment,
    isPaused: async () => paused,
  })

  const attach = (of: Partial<IncomingItem> = {}) =>
    transact(shared, "system-intake", async (tx) => {
      const caseItem = toItem(installation, of)
      await entries.note(tx, caseItem)
      return cases.attach(tx, caseItem)
    })

  /** Counsel requests it, both prove it, the reporter approves it. */
  async function switchOn({ lists = ["known"], dailyCap = 5 } = {}) {
    const [counsel, reporter] = [actor(installation.cora, "counsel"), actor(installation.rob, "reporter")]
    const { authorisation } = await automation.make(counsel, { lists, dailyCap, days: 30, reporter: reporter.id })
    const { authorisationId } = authorisation
    await automation.prove(
      counsel,
      authorisationId,
      await proveFilingAuthorisation(authorisation, counsel.id, installation.cora.key.privateKey),
    )
    const [asked] = await approvals.list(reporter, "waiting")
    await expect(approvals.approve(reporter, asked!.approval.id)).rejects.toMatchObject({ code: "state_conflict" })
    await automation.prove(
      reporter,
      authorisationId,
      await proveFilingAuthorisation(authorisation, reporter.id, installation.rob.key.privateKey),
    )
    await approvals.approve(reporter, asked!.approval.id)
    return { authorisationId, counsel, reporter }
  }

  return {
    installation,
    cases,
    review,
    reports,
    automation,
    approvals,
    attach,
    switchOn,
    clock,
    custodian,
    alarms: casesDeps.alarms,
    run: () => job.run({}, none),
    wait: (ms: number) => {
      aheadMs += ms
    },
    pause: () => {
      paused = true
    },
    reportsOf: (caseId: string) => listReports(kysely, { caseId, limit: 10 }),
    stateOf: async (caseId: string) => (await cases.get(caseId))?.state,
  }
}

/** Puts somebody on the staff whom the custodian knows by this id. */
async function staffWith(id: string, role: Role): Promise<void> {
  if ((await findPerson(db.database.kysely, id)) !== undefined) return
  await putOnStaff(db.database.kysely, { id, email: `${role}@example.org`, roles: [role], at: new Date() })
}

function toItem(installation: FilingInstallation, of: Partial<IncomingItem>): IncomingItem {
  const [file] = installation.files
  if (file === undefined) throw new Error("expected a file")
  const { evidenceId, ciphertextSha256 } = file
  return anItem({
    evidence: { evidenceId, ciphertextSha256, content: "verified", contentBytes: 100 },
    matches: [aMatch({ list: "known" })],
    origin: inDataset(),
    foundAt: new Date(Date.now() - 60_000).toISOString(),
    context: { dataset: "/data", fingerprint: { sha256: file.sha256 }, mark: `canary-${randomUUID()}` },
    ...of,
  })
}

beforeEach(async () => {
  await updateSealed(db.database.kysely, "filing_authorisations", (all) => all, {
    state: "ended",
    ended_at: new Date(),
  })
  // Cases that an earlier test left open are claimed by nobody here.
  await db.database.kysely.updateTable("cases").set({ danger: true }).where("state", "=", "open").execute()
})

/** Rob's word that an authorisation ends, with its proof. */
async function revoke({ installation }: Awaited<ReturnType<typeof makeSite>>, authorisationId: string, person: string) {
  const revocation: AuthorisationRevocation = {
    format: "nightlight-filing-authorisation-revocation/1",
    authorisationId,
    person,
    at: new Date().toISOString(),
  }
  return { revocation, proof: await proveAuthorisationRevocation(revocation, installation.rob.key.privateKey) }
}

/** The case waits for people as it did, and nothing was drafted of it. */
async function expectUnfiled(site: Awaited<ReturnType<typeof makeSite>>, caseId: string): Promise<void> {
  expect(await site.stateOf(caseId)).toBe("open")
  expect(await site.reportsOf(caseId)).toEqual([])
}

describe("filing without a person", () => {
  it("is off: an exact match waits for a reviewer", { timeout }, async () => {
    const site = await makeSite()
    const { caseId } = await site.attach()
    site.wait(60 * MINUTE_MS)
    await site.run()
    await expectUnfiled(site, caseId)
  })

  it("files an exact match of a named list once two people switched it on, and marks it for a person's review", {
    timeout,
  }, async () => {
    const site = await makeSite()
    const { authorisationId, reporter } = await site.switchOn()
    const { caseId } = await site.attach()
    await site.run()
    expect(await site.stateOf(caseId)).toBe("open")
    site.wait(11 * MINUTE_MS)
    await site.run()
    await site.run()
    expect(await site.stateOf(caseId)).toBe("decided")
    const [report, ...others] = await site.reportsOf(caseId)
    expect(others).toEqual([])
    site.installation.work()
    expect(await site.installation.settled(report!.id)).toBe("finished")
    expect(toSummary(report!)).toMatchObject({ automatic: authorisationId, preparedBy: "system-automatic" })
    const { content } = await site.reports.open(report!.id)
    expect(content.files.map(({ details }) => details.fileViewedByEsp)).toEqual([false])
    expect(await journalOf(site.installation.site.dir, "grant.used")).toMatchObject([
      { data: { purpose: "automatic-filing", authorisationId, provenBy: [] } },
    ])
    const types = (await readEvents(db.database.kysely, { subject: caseId })).map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(["case.decided-automatically", "case.decided"]))
    const reviewed = await site.reports.reviewSinglePersonFiling(reporter, report!.id)
    expect(reviewed.singlePersonReviewedBy).toBe(reporter.id)
  })

  const left: readonly [string, Partial<IncomingItem>][] = [
    ["of another list", { matches: [aMatch({ list: "other" })] }],
    ["of a list that is not trusted", { matches: [aMatch({ list: "known", trust: "unverified" })] }],
    ["by MD5", { matches: [aMatch({ list: "known", hashType: "md5" })] }],
    ["by PDQ", { matches: [aMatch({ list: "known", hashType: "pdq", distanceBits: 3, radiusBits: 31 })] }],
    ["of what its metadata declares", { matches: [aMatch({ list: "known", declared: true })] }],
    ["whose digests are the sender's word", { digests: "claimed" }],
    ["of a test card", { matches: [aMatch({ list: "known", trust: "test" })], testOnly: true }],
  ]

  it.each(left)("leaves a match to people: one %s", { timeout }, async (_, of) => {
    const site = await makeSite()
    await site.switchOn()
    const { caseId } = await site.attach(of)
    site.wait(11 * MINUTE_MS)
    await site.run()
    await expectUnfiled(site, caseId)
  })

  it("leaves a whole case to people when one of its items is not exact, or somebody is working on it", {
    timeout,
  }, async () => {
    const site = await makeSite()
    await site.switchOn()
    const origin = inDataset()
    const { caseId } = await site.attach({ origin })
    await site.attach({ origin, matches: [aMatch({ list: "known", hashType: "pdq", radiusBits: 31 })] })
    const other = await site.attach()
    site.wait(11 * MINUTE_MS)
    await site.cases.claim(aPerson("reviewer"), other.caseId, (await site.cases.get(other.caseId))!.version)
    await site.run()
    expect([await site.stateOf(caseId), await site.stateOf(other.caseId)]).toEqual(["open", "open"])
  })

  it("leaves a case to people if an item that is not exact joins it at the same time", { timeout }, async () => {
    const site = await makeSite()
    await site.switchOn()
    const origin = inDataset()
    const { caseId } = await site.attach({ origin })
    site.wait(11 * MINUTE_MS)
    let run: Promise<void> = Promise.resolve()
    await transact({ db: db.database.kysely, clock: site.clock }, "system-intake", async (tx) => {
      const lead = [aMatch({ list: "known", hashType: "pdq", radiusBits: 31 })]
      await site.cases.attach(tx, toItem(site.installation, { origin, matches: lead }))
      run = site.run()
      await untilWaiting(db.superuser, 1)
    })
    await run
    await expectUnfiled(site, caseId)
  })

  it("stops at the day's cap, and does nothing while filing is paused", { timeout }, async () => {
    const site = await makeSite()
    await site.switchOn({ dailyCap: 2 })
    const made = await Promise.all(Array.from({ length: 4 }, () => site.attach()))
    site.wait(11 * MINUTE_MS)
    await site.run()
    await site.run()
    const states = await Promise.all(made.map(({ caseId }) => site.stateOf(caseId)))
    expect(states.filter((state) => state === "decided")).toHaveLength(2)
    site.wait(24 * 60 * MINUTE_MS)
    site.pause()
    await site.run()
    const after = await Promise.all(made.map(({ caseId }) => site.stateOf(caseId)))
    expect(after.filter((state) => state === "decided")).toHaveLength(2)
  })

  it("files nothing on an entry that matched more than 20 distinct items, and raises an alarm", {
    timeout,
  }, async () => {
    const site = await makeSite()
    await site.switchOn({ dailyCap: 100 })
    const entryId = `entry-${randomUUID()}`
    for (let item = 0; item < 20; item++) {
      await site.attach({ matches: [aMatch({ list: "known", entryId, hashType: "pdq", radiusBits: 31 })] })
    }
    const { caseId } = await site.attach({ matches: [aMatch({ list: "known", entryId })] })
    const fine = await site.attach()
    site.wait(11 * MINUTE_MS)
    await site.run()
    expect([await site.stateOf(caseId), await site.stateOf(fine.caseId)]).toEqual(["open", "decided"])
    expect((await site.alarms.list(true)).map(({ code }) => code)).toContain("automatic-entry-stopped")
    const rows = await db.database.kysely.selectFrom("entry_items").selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(entryId)
  })

  it("is ended by either of its two people, and by the custodian", { timeout }, async () => {
    const site = await makeSite()
    const { authorisationId, reporter } = await site.switchOn()
    const { revocation, proof } = await revoke(site, authorisationId, reporter.id)
    await site.automation.end(reporter, authorisationId, { revocation, proof })
    const second = await site.switchOn()
    const gone = openCustodianClient(site.installation.site.socket())
    const other = { ...revocation, authorisationId: second.authorisationId }
    await gone.revokeAuthorisation({
      revocation: other,
      proof: await proveAuthorisationRevocation(other, site.installation.rob.key.privateKey),
    })
    const { caseId } = await site.attach()
    site.wait(11 * MINUTE_MS)
    await site.run()
    expect(await site.stateOf(caseId)).toBe("open")
    const listed = await site.automation.list()
    const states = [authorisationId, second.authorisationId].map(
      (id) => listed.find(({ authorisation }) => authorisation.authorisationId === id)?.state,
    )
    expect(states).toEqual(["ended", "ended"])
    expect((await site.alarms.list(true)).map(({ code }) => code)).toContain("automatic-filing-ended")
  })

  it("is ended once, by the person, if they end it while the custodian is being called", { timeout }, async () => {
    const site = await makeSite()
    const { authorisationId, reporter } = await site.switchOn()
    const { revocation, proof } = await revoke(site, authorisationId, reporter.id)
    const custodian = openCustodianClient(site.installation.site.socket())
    site.custodian.authorisations = async () => {
      await site.automation.end(reporter, authorisationId, { revocation, proof })
      return custodian.authorisations()
    }
    await site.run()
    const events = await readEvents(db.database.kysely, { subject: authorisationId, type: "automation.switched-off" })
    expect(events.map(({ actor: by }) => by)).toEqual([reporter.id])
  })
})

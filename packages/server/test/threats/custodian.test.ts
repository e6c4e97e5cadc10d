import type { FilingGrant } from "@nightlight/contract/custodian"
import { journalOf, refusalsOf } from "@nightlight/dev-env/custodian/serving"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { describe, expect, it } from "vitest"
import type { StoredReport } from "../../src/filing/reports/store.ts"
import { type FilingInstallation, makeFilingInstallation } from "../filing/reports/support/filing-environment.ts"

const db = useDatabase()
const timeout = 120_000
/** The custodian's refusals of a grant that its people did not prove. */
const REFUSALS = ["signature-wrong", "one-person", "proofs-missing"]

/**
 * Acts as somebody who controls server and database, including the context's keys: writes another grant beside people's
 * proofs.
 */
async function forge(
  installation: FilingInstallation,
  report: StoredReport,
  change: Partial<FilingGrant>,
  proofsOf: StoredReport = report,
): Promise<void> {
  const { kysely } = db.database
  const { grant, proofs } = await installation.sealed.openGrant(kysely, proofsOf, proofsOf.proven ?? Buffer.alloc(0))
  await kysely.transaction().execute(async (trx) => {
    const proven = await installation.sealed.sealGrant(trx, report, {
      grant: { ...grant, ...change } as FilingGrant,
      proofs,
    })
    await trx.updateTable("reports").set({ proven }).where("id", "=", report.id).execute()
  })
}

async function approved(
  installation: FilingInstallation,
): Promise<{ readonly report: StoredReport; readonly mark: string }> {
  const { reportId, mark } = await installation.approve()
  const report = await installation.read(reportId)
  if (report === undefined) throw new Error("expected a report")
  return { report, mark }
}

describe("somebody who controls server and database", () => {
  it.each<[string, Partial<FilingGrant>]>([
    ["another host", { environment: "test" }],
    ["another case", { caseId: "case-of-somebody-else" }],
    ["another report", { reportId: "report-of-somebody-else" }],
    ["other files", { files: [] }],
    ["a later end", { expiresAt: new Date(Date.now() + 23.9 * 3_600_000).toISOString() }],
    ["somebody else as its preparer", { preparedBy: "person-mallory" }],
    ["one person alone", { singlePerson: true }],
  ])(
    "gets nothing filed by giving a proven grant %s, and the custodian's journal says so",
    { timeout },
    async (_, forged) => {
      const installation = await makeFilingInstallation(db)
      const { report, mark } = await approved(installation)
      await forge(installation, report, forged)
      installation.work()
      expect(await installation.settled(report.id)).toBe("held")
      expect(await installation.read(report.id)).toMatchObject({ heldCode: "custodian-refused" })
      expect(await installation.atTipline(mark)).toEqual([])
      const refusals = await refusalsOf(installation.site.dir)
      expect(refusals.length).toBeGreaterThan(0)
      expect(refusals.filter((why) => typeof why !== "string" || !REFUSALS.includes(why))).toEqual([])
      expect(await journalOf(installation.site.dir, "grant.used")).toEqual([])
    },
  )

  it("gets a report filed nowhere but where its people proved it goes, whatever the row says", {
    timeout,
  }, async () => {
    const installation = await makeFilingInstallation(db)
    const { report, mark } = await approved(installation)
    await db.database.kysely.updateTable("reports").set({ environment: "test" }).where("id", "=", report.id).execute()
    installation.work()
    expect(await installation.settled(report.id)).toBe("finished")
    expect(await installation.atTipline(mark)).toMatchObject([{ state: "finished" }])
    expect(await journalOf(installation.site.dir, "grant.used")).toMatchObject([
      { data: { environment: "production" } },
    ])
  })

  it("gets no second report by replaying a proven grant for another one", { timeout }, async () => {
    const installation = await makeFilingInstallation(db)
    const first = await approved(installation)
    const second = await approved(installation)
    await forge(installation, second.report, {}, first.report)
    installation.work()
    expect(await installation.settled(first.report.id)).toBe("finished")
    await installation.settled(second.report.id)
    expect(await installation.atTipline(second.mark)).toEqual([])
    expect((await installation.atTipline(first.mark)).filter(({ state }) => state === "finished")).toHaveLength(1)
    expect(await journalOf(installation.site.dir, "grant.used")).toHaveLength(1)
  })
})

import type { FilingGrant } from "@nightlight/contract/custodian"
import { journalOf, refusalsOf } from "@nightlight/dev-env/custodian/serving"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { describe, expect, it } from "vitest"
import type { StoredReport } from "../../src/filing/reports/store.ts"
import { type FilingHouse, makeFilingHouse } from "../filing/reports/support/filing-house.ts"

const db = useDatabase()
const timeout = 120_000
/** What the custodian says to a grant that its people did not prove. */
const REFUSALS = ["signature-wrong", "one-person", "proofs-missing"]

/** As whoever owns server and database, keys of the context included: writes another grant beside people's proofs. */
async function forge(
  house: FilingHouse,
  report: StoredReport,
  change: Partial<FilingGrant>,
  proofsOf: StoredReport = report,
): Promise<void> {
  const { kysely } = db.database
  const { grant, proofs } = await house.sealed.openGrant(kysely, proofsOf, proofsOf.proven ?? Buffer.alloc(0))
  await kysely.transaction().execute(async (trx) => {
    const proven = await house.sealed.sealGrant(trx, report, { grant: { ...grant, ...change } as FilingGrant, proofs })
    await trx.updateTable("reports").set({ proven }).where("id", "=", report.id).execute()
  })
}

async function approved(house: FilingHouse): Promise<{ readonly report: StoredReport; readonly mark: string }> {
  const { reportId, mark } = await house.approve()
  const report = await house.read(reportId)
  if (report === undefined) throw new Error("expected a report")
  return { report, mark }
}

describe("whoever owns server and database", () => {
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
      const house = await makeFilingHouse(db)
      const { report, mark } = await approved(house)
      await forge(house, report, forged)
      house.work()
      expect(await house.settled(report.id)).toBe("held")
      expect(await house.read(report.id)).toMatchObject({ heldCode: "custodian-refused" })
      expect(await house.atTipline(mark)).toEqual([])
      const refusals = await refusalsOf(house.site.dir)
      expect(refusals.length).toBeGreaterThan(0)
      expect(refusals.filter((why) => typeof why !== "string" || !REFUSALS.includes(why))).toEqual([])
      expect(await journalOf(house.site.dir, "grant.used")).toEqual([])
    },
  )

  it("gets a report filed nowhere but where its people proved it goes, whatever the row says", {
    timeout,
  }, async () => {
    const house = await makeFilingHouse(db)
    const { report, mark } = await approved(house)
    await db.database.kysely.updateTable("reports").set({ environment: "test" }).where("id", "=", report.id).execute()
    house.work()
    expect(await house.settled(report.id)).toBe("finished")
    expect(await house.atTipline(mark)).toMatchObject([{ state: "finished" }])
    expect(await journalOf(house.site.dir, "grant.used")).toMatchObject([{ data: { environment: "production" } }])
  })

  it("gets no second report by replaying a proven grant for another one", { timeout }, async () => {
    const house = await makeFilingHouse(db)
    const first = await approved(house)
    const second = await approved(house)
    await forge(house, second.report, {}, first.report)
    house.work()
    expect(await house.settled(first.report.id)).toBe("finished")
    await house.settled(second.report.id)
    expect(await house.atTipline(second.mark)).toEqual([])
    expect((await house.atTipline(first.mark)).filter(({ state }) => state === "finished")).toHaveLength(1)
    expect(await journalOf(house.site.dir, "grant.used")).toHaveLength(1)
  })
})

import { randomBytes, randomUUID } from "node:crypto"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { describe, expect, it } from "vitest"
import { sealedReports } from "../../../src/filing/reports/content/sealed.ts"
import { watchSinglePersonFilings } from "../../../src/filing/reports/jobs/watch-single-person-filings.ts"
import { manualFilingApproval } from "../../../src/filing/reports/manual/manual-filing.ts"
import type { FinishedReport } from "../../../src/filing/reports/ports.ts"
import { insertDraft, patchReport, readReport } from "../../../src/filing/reports/store.ts"
import type { ReportContent, ReportId } from "../../../src/filing/reports/types.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { transact } from "../../../src/platform/events/transact.ts"

const db = useDatabase()
const clock = { now: () => new Date("2026-03-01T12:00:00.000Z") }
const people = { requestedBy: "person-1", approvedBy: "person-2" } as never

/** A draft made for the test host that one person filed alone, and that then was held. */
async function held() {
  const kysely = db.database.kysely
  const sealed = sealedReports(openContextKeys(randomBytes(32)))
  const id = `report-${randomUUID()}` as ReportId
  const caseId = `case-${randomUUID()}`
  const content = { document: {}, files: [], origins: {} } as unknown as ReportContent
  await kysely.transaction().execute(async (trx) => {
    await insertDraft(trx, {
      id,
      case_id: caseId,
      kind: "files",
      environment: "test",
      prepared_by: "person-3",
      content: await sealed.sealContent(trx, { id, caseId }, content),
      created_at: clock.now(),
      due_at: null,
    })
    await patchReport(
      trx,
      id,
      { states: ["draft"] },
      {
        state: "held",
        held_code: "refused",
        single_person_reason: "nobody-available",
        approved_by: "person-3",
        approved_at: new Date(clock.now().getTime() - 30 * 3_600_000),
      },
    )
  })
  const finished: FinishedReport[] = []
  const approval = manualFilingApproval({
    clock,
    sealed,
    finishedHooks: [async (_at, report) => void finished.push(report)],
  })
  const file = () =>
    transact({ db: kysely, clock }, "person-2", (tx) =>
      approval.perform(tx, { remoteReportId: "4711" }, {
        approvalId: "approval-1",
        subject: id,
        ...(people as object),
      } as never),
    )
  return { kysely, id, finished, file }
}

describe("a report that was filed manually", () => {
  it("is a production report, whichever host its draft was made for", async () => {
    const { kysely, id, finished, file } = await held()
    await file()
    expect(finished).toMatchObject([{ reportId: id, environment: "production", remoteReportId: "4711" }])
    expect(await readReport(kysely, id)).toMatchObject({ state: "manual", environment: "production" })
  })

  it("needs no review of a single-person filing, since two people confirmed it", async () => {
    const { kysely, id, file } = await held()
    const raised: unknown[] = []
    const watch = watchSinglePersonFilings({
      db: kysely,
      clock,
      alarms: { raise: async (_under, { subject }) => void raised.push(subject) },
    })
    await watch.run({}, new AbortController().signal)
    expect(raised).toContain(id)
    await file()
    raised.length = 0
    await watch.run({}, new AbortController().signal)
    expect(raised).not.toContain(id)
  })
})

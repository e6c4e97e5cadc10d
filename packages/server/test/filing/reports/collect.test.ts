import { randomBytes } from "node:crypto"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness, settle } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import { insertMarker, writeOutcome } from "../../../src/filing/reports/filing/filing-store.ts"
import { insertDraft, patchReport } from "../../../src/filing/reports/store.ts"
import type { ReportId } from "../../../src/filing/reports/types.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { anItem, inDataset } from "../../casework/cases/builders.ts"
import { testDrafts } from "../../support/report-environment.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

function source() {
  const { clock, cases, review } = harness
  return testDrafts({ clock, cases, review })
}

async function reportable(): Promise<string> {
  const { caseId } = await harness.attach(anItem({ origin: inDataset() }))
  await decide(harness, aPerson("reviewer"), caseId)
  await settle(harness, caseId)
  return caseId
}

/** A report of a case that ended at one host. */
async function finished(caseId: string, environment: "test" | "production", uploaded?: string): Promise<void> {
  const id = `report-${randomBytes(16).toString("hex")}` as ReportId
  await db.database.kysely.transaction().execute(async (trx) => {
    const at = harness.clock.now()
    await insertDraft(trx, {
      id,
      case_id: caseId,
      kind: "files",
      environment,
      content: Buffer.alloc(1),
      prepared_by: "person-1",
      created_at: at,
      due_at: null,
    })
    if (uploaded !== undefined) {
      const step = { call: "upload", evidenceId: uploaded } as const
      const ordinal = await insertMarker(trx, id, { attempt: 1, step, startedAt: at })
      await writeOutcome(trx, id, { ordinal, outcome: { kind: "accepted", fileId: "1" }, endedAt: at })
    }
    await patchReport(trx, id, { states: ["draft"] }, { state: "finished", finished_at: at, remote_report_id: "77" })
  })
}

describe("the material of a draft", () => {
  it("supplements a report only if there is one that was finished in production", async () => {
    const caseId = await reportable()
    const collect = (kind: "follow-up" | undefined) => source().collect(db.database.kysely, caseId, kind)
    await expect(collect("follow-up")).rejects.toMatchObject({ code: "state_conflict" })
    await finished(caseId, "test")
    await expect(collect("follow-up")).rejects.toMatchObject({ code: "state_conflict" })
    expect((await collect(undefined)).material).toMatchObject({ priorReports: [], supplemental: false })
    await finished(caseId, "production")
    await expect(collect(undefined)).rejects.toMatchObject({ code: "state_conflict" })
    expect((await collect("follow-up")).material).toMatchObject({ priorReports: ["77"], supplemental: true })
  })

  it("repeats no file of an earlier report", async () => {
    const caseId = await reportable()
    const [evidenceId = ""] = await harness.cases.evidenceOf(db.database.kysely, caseId)
    const followUp = async () => (await source().collect(db.database.kysely, caseId, "follow-up")).material.items
    await finished(caseId, "production")
    expect(await followUp()).toMatchObject([{ evidence: { evidenceId }, hasContent: true }])
    await finished(caseId, "production", evidenceId)
    expect(await followUp()).toMatchObject([{ evidence: undefined, hasContent: false }])
  })

  it("is collected by more people at once than the database has connections", async () => {
    const caseId = await reportable()
    const collected = await Promise.all(
      Array.from({ length: 24 }, () =>
        db.database.kysely.transaction().execute((trx) => source().collect(trx, caseId, undefined)),
      ),
    )
    expect(collected.map(({ kind }) => kind)).toEqual(Array.from({ length: 24 }, () => "training-data"))
  })

  it("names the reports of earlier cases of the same account, and is no follow-up for that", async () => {
    const origin = { kind: "account", accountKey: randomBytes(32).toString("hex") } as const
    const decided = async () => {
      const { caseId } = await harness.attach(anItem({ origin }))
      await decide(harness, aPerson("reviewer"), caseId)
      await settle(harness, caseId)
      return caseId
    }
    const first = await decided()
    await finished(first, "production")
    await transact({ db: db.database.kysely, clock: harness.clock }, "system-filing", (tx) =>
      harness.cases.markFiled(tx, first, { reportId: "report-1", at: harness.clock.now() }),
    )
    const second = await decided()
    expect(second).not.toBe(first)
    const { kind, material } = await source().collect(db.database.kysely, second, undefined)
    expect([kind, material.priorReports]).toEqual(["files", ["77"]])
    expect(material.supplemental).toBe(false)
  })
})

import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness, settle } from "@nightlight/dev-env/server/cases"
import { beforeAll, expect, it } from "vitest"
import { sealedReports } from "../../../src/filing/reports/content/sealed.ts"
import { includedEvidence } from "../../../src/filing/reports/draft/included.ts"
import { personOrigins } from "../../../src/filing/reports/draft/person-origins.ts"
import { createReports } from "../../../src/filing/reports/service.ts"
import { anItem } from "../../casework/cases/builders.ts"
import { testDrafts } from "../../support/report-environment.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

it("takes no file into a report that is not its case's own evidence", async () => {
  const { clock, cases, review, contextKeys, jobs } = harness
  const reports = createReports({
    db: db.database.kysely,
    clock,
    jobs,
    sealed: sealedReports(contextKeys),
    environment: "test",
    drafts: testDrafts({ clock, cases, review }),
    areIndependent: async () => true,
    includedEvidence: (on, caseId) => includedEvidence({ cases, review }, on, caseId),
  })
  const { caseId } = await harness.attach(anItem())
  const { evidence: foreign } = anItem()
  await decide(harness, aPerson("reviewer"), caseId)
  await settle(harness, caseId)
  const reporter = aPerson("reporter")
  const draft = await reports.draft(reporter, caseId, undefined)
  const { content } = await reports.open(draft.id)
  const [file] = content.files
  const edit = (files: typeof content.files) =>
    reports.edit(reporter, draft.id, draft.version, { document: content.document, files })
  await expect(edit([file!, { ...file!, evidenceId: foreign!.evidenceId }])).rejects.toMatchObject({
    code: "input_invalid",
  })
  expect(await edit([file!])).toMatchObject({ state: "draft", version: draft.version + 1 })
})

it("marks as a person's what a person changed, and not what merely came back in another order", () => {
  const before = {
    document: {
      incidentSummary: {
        incidentType: "Child Sex Trafficking",
        incidentDateTime: "2026-01-02T03:04:05Z",
        platform: "a",
      },
      reporter: { reportingPerson: { email: [{ value: "safety@example.org", type: "Work" }] } },
    },
    files: [],
    origins: {},
  } as const
  const { incidentSummary, reporter } = before.document
  const { incidentType, incidentDateTime } = incidentSummary
  const document = {
    reporter: { reportingPerson: { email: [{ type: "Work", value: "safety@example.org" }] } },
    incidentSummary: { platform: "b", incidentDateTime, incidentType },
  }
  expect(personOrigins(before, { document, files: [] })).toEqual({ "document.incidentSummary.platform": "person" })
  expect(personOrigins(before, { document: { incidentSummary, reporter }, files: [] })).toEqual({})
})

import { validateFileDetails } from "@nightlight/cybertipline"
import { expect, it } from "vitest"
import { toReportForm } from "../../../src/filing/reports/content/form.ts"
import { toPreview } from "../../../src/filing/reports/content/preview.ts"
import type { FilingStep } from "../../../src/filing/reports/filing/steps.ts"
import type { ReportContent } from "../../../src/filing/reports/types.ts"
import type { StepName, StepOutcome } from "../../../src/platform/db/tables/filing.ts"

const content: ReportContent = {
  document: {
    incidentSummary: {
      incidentType: "Child Pornography (possession, manufacture, and distribution)",
      incidentDateTime: "2026-01-02T03:04:05.000Z",
    },
    reporter: { reportingPerson: { email: [{ value: "safety@example.org" }] } },
    additionalInfo: "a < b & \u0001",
  },
  files: [{ evidenceId: "evidence-1", ciphertextSha256: "0".repeat(64), details: { fileViewedByEsp: false } }],
  origins: {},
}
const step = (attempt: number, name: StepName, outcome: StepOutcome): FilingStep => ({
  attempt,
  step: name,
  outcome,
  startedAt: new Date(),
})

it("shows every document in the order in which it is sent, and says what XML cannot carry", () => {
  const { documents, idsGiven } = toPreview(content, [])
  expect(documents.map(({ evidenceId }) => evidenceId)).toEqual([undefined, "evidence-1"])
  expect(documents[0]?.xml).toContain("<additionalInfo>a &lt; b &amp; \ufffd</additionalInfo>")
  expect(documents.map(({ replaced }) => replaced)).toEqual([1, 0])
  expect(idsGiven).toBe(false)
  expect(documents[1]?.xml).toContain("<reportId>REPORT-ID</reportId><fileId>FILE-ID</fileId>")
})

it("shows the ids of the last attempt alone, once the CyberTipline gave them", () => {
  const upload = { call: "upload", evidenceId: "evidence-1" } as const
  const first = [
    step(1, { call: "open", ask: 1 }, { kind: "accepted", remoteReportId: "11" }),
    step(1, upload, { kind: "accepted", fileId: "a1" }),
    step(1, { call: "retract", ask: 1 }, { kind: "accepted" }),
  ]
  const second = [...first, step(2, { call: "open", ask: 1 }, { kind: "accepted", remoteReportId: "22" })]
  expect(toPreview(content, second)).toMatchObject({ idsGiven: false })
  expect(toPreview(content, second).documents[1]?.xml).toContain("<reportId>22</reportId><fileId>FILE-ID</fileId>")
  const done = [...second, step(2, upload, { kind: "accepted", fileId: "b2" })]
  expect(toPreview(content, done)).toMatchObject({ idsGiven: true })
  expect(toPreview(content, done).documents[1]?.xml).toContain("<reportId>22</reportId><fileId>b2</fileId>")
})

it("offers of a file everything that the schema knows but the ids that are not the preparer's to give", () => {
  const { types, fileDetails } = toReportForm()
  const type = types[fileDetails]
  const names = type?.kind === "record" ? type.members.map(({ name }) => name) : []
  expect(names).not.toContain("reportId")
  expect(names).not.toContain("fileId")
  const missing = validateFileDetails({}).filter(({ code }) => code === "required")
  expect(missing.map(({ path }) => path)).toEqual(["reportId", "fileId"])
})

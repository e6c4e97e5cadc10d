import type { FileDetailsInput, ReportInput } from "../../src/index.ts"

/** Long after every time in these documents. */
export const NOW = new Date("2026-06-01T12:00:00Z")

/** The smallest report there is. */
export const smallReport: ReportInput = {
  incidentSummary: {
    incidentType: "Child Pornography (possession, manufacture, and distribution)",
    incidentDateTime: "2026-05-01T10:00:00+02:00",
  },
  reporter: { reportingPerson: { email: [{ value: "safety@provider.example" }] } },
}

/** A batched report of two accounts. */
export const batchedReport: ReportInput = {
  ...smallReport,
  batchedReport: { reason: "VIRAL_POTENTIAL_MEME" },
  personOrUserReported: [{ espIdentifier: "account-1" }, { espIdentifier: "account-2" }],
}

/** The smallest file details there are. */
export function smallDetails(reportId = "400000001", fileId = "f".repeat(32)): FileDetailsInput {
  return { reportId, fileId }
}

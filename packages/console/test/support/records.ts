/** Records as the server answers them, with defaults. */
import type { ApprovalView, CaseDetail, CaseItemView, CaseSummary, ReportSummary } from "@nightlight/contract/server"
import type { SchemaOutput } from "../../src/api/schema-output.ts"
import { OTHER_ID } from "./show.tsx"

const AT = "2026-03-01T08:00:00.000Z"

/** Ids that differ in their last digits. */
export const idOf = (kind: string, number: number): string =>
  `${kind}-00000000-0000-4000-8000-${String(number).padStart(12, "0")}`

/** An open case of one item that matched a trusted list exactly. */
export const caseRow = (number: number, part: Partial<CaseSummary> = {}): CaseSummary => ({
  caseId: idOf("case", number),
  kind: "dataset",
  state: "open",
  version: 1,
  band: "exact",
  reasons: ["trusted-exact"],
  source: idOf("source", 1),
  openedAt: AT,
  items: 1,
  strengths: { exact: 1, near: 0, unverified: 0, other: 0, test: 0 },
  locations: 1,
  knownItems: 0,
  lists: ["known-shapes"],
  categories: ["A1"],
  danger: false,
  clockRunning: false,
  ...part,
})

/** The same case in detail, claimed by the caller. */
export const heldCase = (
  number: number,
  part: Partial<SchemaOutput<typeof CaseDetail>> = {},
): SchemaOutput<typeof CaseDetail> => ({
  ...caseRow(number),
  mine: true,
  ...part,
})

/** An item that matches a trusted list exactly. */
export const itemRow = (
  number: number,
  part: Partial<SchemaOutput<typeof CaseItemView>> = {},
): SchemaOutput<typeof CaseItemView> => ({
  itemId: idOf("item", number),
  position: number - 1,
  strength: "exact",
  mediaType: "image/png",
  sizeBytes: 4000,
  digests: "verified",
  verdict: "quarantine",
  rule: "trusted-exact",
  matches: [],
  locations: 1,
  attachedAt: AT,
  ...part,
})

/** A draft of a report to the test host. */
export const reportRow = (number: number, part: Partial<ReportSummary> = {}): ReportSummary => ({
  id: idOf("report", number),
  caseId: idOf("case", number),
  kind: "files",
  environment: "test",
  state: "draft",
  version: 1,
  preparedBy: OTHER_ID,
  createdAt: AT,
  ...part,
})

/** A waiting request for a role, which the caller may approve. */
export const waitingApproval = (number: number, part: Partial<ApprovalView> = {}): ApprovalView => ({
  id: idOf("approval", number),
  kind: "role.grant",
  subject: idOf("person", 90 + number),
  payload: { role: "reviewer" },
  state: "waiting",
  requestedBy: OTHER_ID,
  requestedAt: AT,
  expiresAt: "2099-03-02T08:00:00.000Z",
  mayApprove: true,
  signed: { requested: false, approved: false },
  ...part,
})

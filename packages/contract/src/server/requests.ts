/**
 * Requests of law enforcement over HTTP.
 * @module
 */
import { z } from "zod"
import { OpaqueId } from "../custodian/grant.ts"
import { Sha256Hex, Timestamp } from "../screening.ts"

const RequestKind = z.enum(["preservation-2703f", "legal-process", "destruction", "ncmec"])
const RequestState = z.enum(["open", "closed"])
const DisclosureKind = z.enum(["custody-record", "content", "records"])
const Line = z.string().min(1).max(500)

/** A request without its scope. */
export const LeRequestView = z.strictObject({
  requestId: OpaqueId,
  kind: RequestKind,
  state: RequestState,
  receivedAt: Timestamp,
  dueAt: Timestamp.exactOptional(),
  openedBy: OpaqueId,
  openedAt: Timestamp,
  closedBy: OpaqueId.exactOptional(),
  closedAt: Timestamp.exactOptional(),
})

/** Who requests what; sealed at rest. */
export const RequestScopeBody = z.strictObject({
  agency: Line,
  officer: Line,
  reference: Line,
  scope: z.string().min(1).max(10_000),
})

/** `POST /v1/requests` body. */
export const LeRequestBody = z.strictObject({
  kind: RequestKind,
  scope: RequestScopeBody,
  receivedAt: Timestamp,
  dueAt: Timestamp.exactOptional(),
})

/** `GET /v1/requests` query. */
export const LeRequestQuery = z.strictObject({
  state: RequestState.exactOptional(),
  /** Only those that name this case. */
  caseId: OpaqueId.exactOptional(),
})
/** `GET /v1/requests` answer, newest first. */
export const LeRequestList = z.strictObject({ requests: z.array(LeRequestView) })

/** One line of the disclosure log. */
export const DisclosureView = z.strictObject({
  disclosureId: OpaqueId,
  caseId: OpaqueId,
  kind: DisclosureKind,
  approvalId: OpaqueId,
  requestedBy: OpaqueId,
  approvedBy: OpaqueId,
  documentSha256: Sha256Hex.exactOptional(),
  disclosedAt: Timestamp,
})

/** `GET /v1/requests/:requestId` answer. */
export const LeRequestDetail = z.strictObject({
  request: LeRequestView,
  scope: RequestScopeBody,
  cases: z.array(OpaqueId),
  disclosures: z.array(DisclosureView),
})

/**
 * `GET /v1/requests/:requestId/disclosures` answer: its cases and what left the organisation for it, without its scope.
 */
export const DisclosureLog = z.strictObject({
  request: LeRequestView,
  cases: z.array(OpaqueId),
  disclosures: z.array(DisclosureView),
})

/** `POST /v1/requests/:requestId/cases` body. */
export const LinkCaseBody = z.strictObject({ caseId: OpaqueId })

/** `POST /v1/requests/:requestId/disclosures` body: requests an approval. */
export const DiscloseBody = z.strictObject({ caseId: OpaqueId, kind: DisclosureKind })
/** Answer: the approval that waits for a second person. */
export const DiscloseAnswer = z.strictObject({ approvalId: OpaqueId })

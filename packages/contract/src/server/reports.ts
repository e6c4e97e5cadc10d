/**
 * Reports over HTTP.
 * @module
 */
import { z } from "zod"
import { FilingGrant, GrantProof, OpaqueId } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"

const ReportEnvironment = z.enum(["test", "production"])
const ReportKind = z.enum(["files", "text-only", "training-data", "follow-up"])
const ReportState = z.enum(["draft", "proposed", "approved", "held", "finished", "manual", "withdrawn"])
const Version = z.int().positive()

/** A report without its content. */
export const ReportSummary = z.strictObject({
  id: OpaqueId,
  caseId: OpaqueId,
  kind: ReportKind,
  /** `test`: went to the test host or will, and has no effect. */
  environment: ReportEnvironment,
  state: ReportState,
  version: Version,
  preparedBy: OpaqueId,
  approvedBy: OpaqueId.exactOptional(),
  singlePersonReason: z.string().exactOptional(),
  /**
   * The filing authorisation of an automatic filing; `singlePersonReviewedBy` names the person who reviewed it
   * afterwards.
   */
  automatic: OpaqueId.exactOptional(),
  singlePersonReviewedBy: OpaqueId.exactOptional(),
  createdAt: Timestamp,
  proposedAt: Timestamp.exactOptional(),
  approvedAt: Timestamp.exactOptional(),
  finishedAt: Timestamp.exactOptional(),
  dueAt: Timestamp.exactOptional(),
  /** The CyberTipline's id of the finished report. */
  remoteReportId: z.string().exactOptional(),
  heldCode: z.string().exactOptional(),
  heldResponseCode: z.int().exactOptional(),
  nextTryAt: Timestamp.exactOptional(),
})
export type ReportSummary = z.infer<typeof ReportSummary>

/** A problem of a report. */
export const ReportProblem = z.strictObject({ path: z.string(), code: z.string(), message: z.string() })

/** Completeness of a report: its present and missing fields. */
export const ReportCompleteness = z.strictObject({
  score: z.int().min(0).max(100),
  items: z.array(z.strictObject({ code: z.string(), weight: z.int(), present: z.boolean(), applies: z.boolean() })),
})

/** One file: its evidence, and its details in the XML's own names. */
export const ReportFileBody = z.strictObject({
  evidenceId: OpaqueId,
  ciphertextSha256: z.string().regex(/^[0-9a-f]{64}$/),
  details: z.record(z.string(), z.unknown()),
})

/** A report with its content. */
export const ReportDetail = z.strictObject({
  report: ReportSummary,
  /** The CyberTipline's `<report>` as an object. */
  document: z.record(z.string(), z.unknown()),
  files: z.array(ReportFileBody),
  /** Source of each statement, by path. */
  origins: z.record(z.string(), z.string()),
  problems: z.array(ReportProblem),
  completeness: ReportCompleteness,
  /** Whether the caller could approve it: not its preparer, and independent of them. */
  mayApprove: z.boolean(),
})

/**
 * `GET /v1/reports/:reportId/preview` answer: each document as it is sent, in the order of sending. Until the
 * CyberTipline has given its ids, `REPORT-ID` and `FILE-ID` are in their place.
 */
export const ReportPreview = z.strictObject({
  documents: z.array(
    z.strictObject({
      /** For a file's details; absent for the report itself. */
      evidenceId: OpaqueId.exactOptional(),
      xml: z.string(),
      /** Number of characters that XML cannot carry, sent as U+FFFD. */
      replaced: z.int().nonnegative(),
    }),
  ),
  /** Whether every id in it is the CyberTipline's own. */
  idsGiven: z.boolean(),
})

/** One call of a filing, for the progress display. */
export const FilingStepView = z.strictObject({
  attempt: z.int().positive(),
  call: z.enum(["open", "upload", "describe", "finish", "retract", "abandon"]),
  evidenceId: OpaqueId.exactOptional(),
  startedAt: Timestamp,
  outcome: z.enum(["accepted", "rejected", "refused", "differs", "unanswered", "unsent"]).exactOptional(),
  responseCode: z.int().exactOptional(),
})

/** The CyberTipline's answer to one call of a filing. It may quote the report. */
export const FilingAnswerView = z.strictObject({
  /** From 1, in the order of the calls. */
  ordinal: z.int().positive(),
  attempt: z.int().positive(),
  call: FilingStepView.shape.call,
  evidenceId: OpaqueId.exactOptional(),
  startedAt: Timestamp,
  kind: z.enum(["accepted", "rejected", "differs", "unanswered", "unsent"]),
  httpStatus: z.int().exactOptional(),
  /** The CyberTipline's id of the call, to quote to NCMEC in questions about it. */
  requestId: z.string().exactOptional(),
  responseCode: z.int().exactOptional(),
  /** Why no answer counts, as a code. */
  reason: z.string().exactOptional(),
  /** The CyberTipline's description of a refusal, at most 500 characters. */
  detail: z.string().exactOptional(),
  remoteReportId: z.string().exactOptional(),
  fileId: z.string().exactOptional(),
  /** MD5 of the sent file; if it was accepted, the answer had the same. */
  md5: z.string().exactOptional(),
  /** MD5 in the answer, if it differs. */
  receivedMd5: z.string().exactOptional(),
  /** SHA-256 of the sent file. */
  sha256: z.string().exactOptional(),
  /** Files that a receipt names. */
  files: z.array(z.string()).exactOptional(),
  /** The answer as text, at most 20,000 characters. */
  text: z.string().exactOptional(),
  /** Size of the whole answer, bytes. */
  receivedBytes: z.int().nonnegative().exactOptional(),
  /** SHA-256 of the answer's bytes; for a receipt it is in the custodian's journal too. */
  receivedSha256: z.string().exactOptional(),
})
export type FilingAnswerView = z.infer<typeof FilingAnswerView>
/** `GET /v1/reports/:reportId/answers` answer, in the order of the calls. */
export const FilingAnswers = z.strictObject({ answers: z.array(FilingAnswerView) })
/** `GET /v1/reports/:reportId/answers/:ordinal` answer: the received bytes, in base64. */
export const ReceivedAnswer = z.strictObject({ received: z.string() })

/** `POST /v1/cases/:caseId/reports` body. */
export const DraftBody = z.strictObject({ kind: ReportKind.exactOptional() })
/** `PUT /v1/reports/:reportId` body. */
export const ReportEditBody = z.strictObject({
  version: Version,
  document: z.record(z.string(), z.unknown()),
  files: z.array(ReportFileBody).max(1000),
})
/** `POST /v1/reports/:reportId/grant` body. `singlePerson`: for a single-person filing. */
export const GrantBody = z.strictObject({ version: Version, singlePerson: z.boolean().default(false) })
/** Answer: the grant to prove, unchanged. */
export const GrantAnswer = z.strictObject({ report: ReportSummary, grant: FilingGrant })
/** `POST /v1/reports/:reportId/propose` and `/approve` body. */
export const ProofBody = z.strictObject({ version: Version, proof: GrantProof })
/** Reasons of a single-person filing. */
export const SinglePersonReason = z.enum(["nobody-available", "imminent-danger"])
/** `POST /v1/reports/:reportId/file-alone` body. */
export const FileAloneBody = z.strictObject({ version: Version, proof: GrantProof, reason: SinglePersonReason })
/** Body of actions that only name a version. */
export const VersionBody = z.strictObject({ version: Version })
/** `POST /v1/reports/:reportId/manual-filing` body: the id that the CyberTipline's form gave. */
export const ManualFilingBody = z.strictObject({ remoteReportId: z.string().regex(/^\d{1,19}$/) })
/** Answer: the approval that waits for a second person. */
export const ManualFilingAnswer = z.strictObject({ approvalId: OpaqueId })

/** Query of `GET /v1/reports`. */
export const ReportListQuery = z.strictObject({
  /** `open`: everything that is neither finished, filed manually nor withdrawn. */
  state: z.enum([...ReportState.options, "open"]).exactOptional(),
  caseId: OpaqueId.exactOptional(),
  environment: ReportEnvironment.exactOptional(),
  after: z.string().max(200).exactOptional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
/** `GET /v1/reports` answer. */
export const ReportList = z.strictObject({ reports: z.array(ReportSummary), next: z.string().exactOptional() })

/** `GET /v1/reports/:reportId/steps` answer: progress of a report, without its content. */
export const FilingSteps = z.strictObject({ report: ReportSummary, steps: z.array(FilingStepView) })

/** `POST /v1/reports/:reportId/manual-sheet` answer: what a person types into the CyberTipline's form, as Markdown. */
export const ManualFilingSheet = z.strictObject({ markdown: z.string() })

/**
 * Reports to the CyberTipline.
 * @module
 */
import type { FileDetailsInput, ReportInput } from "@nightlight/cybertipline"

/** `report-<uuid>`. */
export type ReportId = string & { readonly brand: "ReportId" }

/** Which host a report goes to. A report to the test host never closes a case, starts preservation or counts. */
export type Environment = "test" | "production"

/**
 * Where a report stands. `draft`: being written; `proposed`: its preparer has signed it; `approved`: a second person
 * has, and it is being filed; `held`: filing stopped for a person; `finished`: the CyberTipline has it; `by-hand`: filed
 * by a person through the CyberTipline's own form; `withdrawn`: given up before it was filed.
 */
export const REPORT_STATES = ["draft", "proposed", "approved", "held", "finished", "by-hand", "withdrawn"] as const
/** One of {@link REPORT_STATES}. */
export type ReportState = (typeof REPORT_STATES)[number]

/** States of a report that somebody or something has still to bring to an end. */
export const OPEN_STATES: readonly ReportState[] = ["draft", "proposed", "approved", "held"]

/** What kind of report it is: decides how the draft is filled. */
export const REPORT_KINDS = ["files", "text-only", "training-data", "follow-up"] as const
/** One of {@link REPORT_KINDS}. */
export type ReportKind = (typeof REPORT_KINDS)[number]

/** The details of a file before the CyberTipline gave report id and file id. */
export type FileDetailsDraft = Omit<FileDetailsInput, "reportId" | "fileId">

/** One file of a report. */
export interface ReportFile {
  readonly evidenceId: string
  readonly ciphertextSha256: string
  readonly details: FileDetailsDraft
}

/** Where a statement comes from: a recorded fact, or a person who typed it. */
export type StatementOrigin =
  | "decision"
  | "detection"
  | "sealed-context"
  | "custodian"
  | "attestation"
  | "configuration"
  | "earlier-report"
  | "person"

/** Everything that is sent: sealed as a whole under the case's key. */
export interface ReportContent {
  readonly document: ReportInput
  /** In the order in which they are uploaded. */
  readonly files: readonly ReportFile[]
  /** Where each statement comes from, by its path such as `files[0].fileViewedByEsp`; not sent. */
  readonly origins: Readonly<Record<string, StatementOrigin>>
}

/**
 * Reports to the CyberTipline.
 * @module
 */

import type { FileDetailsInput, ReportInput } from "@nightlight/cybertipline"
import type { ReportState } from "../../platform/db/tables/filing.ts"

/** Id of a report: `report-<uuid>`. */
export type ReportId = string & { readonly brand: "ReportId" }

/** States of a report that is not finished. */
export const OPEN_STATES: readonly ReportState[] = ["draft", "proposed", "approved", "held"]

/** The details of a file before the CyberTipline gives report id and file id. */
export type FileDetailsDraft = Omit<FileDetailsInput, "reportId" | "fileId">

/** A file of a report, named by its sealed file's SHA-256. */
export interface ReportFile {
  readonly evidenceId: string
  readonly ciphertextSha256: string
  readonly details: FileDetailsDraft
}

/** The source of a statement: a recorded fact, or a person who typed it. */
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
  /** In the order of their upload. */
  readonly files: readonly ReportFile[]
  /** Source of each statement, by its path such as `files[0].fileViewedByEsp`; not sent. */
  readonly origins: Readonly<Record<string, StatementOrigin>>
}

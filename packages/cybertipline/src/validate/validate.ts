import { CybertiplineError } from "../errors.ts"
import { type FileDetailsInput, fileDetailsElement } from "../schema/file-details.ts"
import { type ReportInput, reportElement } from "../schema/report.ts"
import { DEFAULT_SCHEMA_VERSION, type SchemaVersion } from "../version.ts"
import type { Problem } from "./problem.ts"
import { problemsOf, type Terms } from "./structure.ts"

/** Options for validating a document. */
export interface ValidateOptions {
  /** `2025-06` by default. */
  readonly schemaVersion?: SchemaVersion
  /** The boundary between past and future; the system's clock by default. */
  readonly now?: Date
}

/** Options for validating file details. */
export interface ValidateFileOptions extends ValidateOptions {
  /** Whether their report is batched: then the file is a viral or potential meme, with few other details. */
  readonly batched?: boolean
}

function toTerms({ schemaVersion, now, batched }: ValidateFileOptions): Terms {
  return { version: schemaVersion ?? DEFAULT_SCHEMA_VERSION, now: now ?? new Date(), batched: batched ?? false }
}

/**
 * Checks a report against the schema and the documentation's rules.
 *
 * @param value - Anything; see {@link ReportInput} for what passes.
 * @returns Every problem in the schema's order; empty for a report that can be sent.
 */
export function validateReport(value: unknown, options: ValidateOptions = {}): readonly Problem[] {
  return problemsOf(reportElement.type, value, toTerms(options))
}

/**
 * Checks file details against the schema and the documentation's rules.
 *
 * @param value - Anything; see {@link FileDetailsInput} for what passes.
 * @returns Every problem in the schema's order; empty for details that can be sent.
 */
export function validateFileDetails(value: unknown, options: ValidateFileOptions = {}): readonly Problem[] {
  return problemsOf(fileDetailsElement.type, value, toTerms(options))
}

/**
 * Narrows a value to a report.
 *
 * @throws {CybertiplineError} `report_invalid`, with every problem, if it is not one.
 */
export function parseReport(value: unknown, options: ValidateOptions = {}): ReportInput {
  refuse("report_invalid", "report", validateReport(value, options))
  return value as ReportInput
}

/**
 * Narrows a value to file details.
 *
 * @throws {CybertiplineError} `file_details_invalid`, with every problem, if they are not.
 */
export function parseFileDetails(value: unknown, options: ValidateFileOptions = {}): FileDetailsInput {
  refuse("file_details_invalid", "file details", validateFileDetails(value, options))
  return value as FileDetailsInput
}

function refuse(code: "report_invalid" | "file_details_invalid", what: string, problems: readonly Problem[]): void {
  const [first] = problems
  if (first === undefined) return
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`
  const where = first.path === "" ? "it" : first.path
  throw new CybertiplineError(code, `${what} refused: ${where} ${first.message}${more}`, { problems })
}

/**
 * A report's files: each is uploaded and described once.
 * @module
 */
import type { FilingAnswer, FilingTemplate } from "@nightlight/contract/custodian"
import { parseFileDetails, type UploadOutcome, validateFileDetails } from "@nightlight/cybertipline"
import { contentDigest } from "@nightlight/vault"
import { assertDetails } from "../filing-authorisations/template.ts"
import { refusal } from "../refusal.ts"
import { acceptedAnswer, differingAnswer, factsOf, otherAnswer } from "./answers.ts"
import { jsonDigest } from "./json-digest.ts"
import { measure } from "./measure.ts"
import { type OpenAttempt, openAttempt } from "./open-attempt.ts"
import { wrongState } from "./open-report.ts"
import type { FilingDeps } from "./types.ts"

/** One file of one report. */
export interface FileStep {
  readonly grantId: string
  readonly evidenceId: string
  readonly attempt: number
}

/** Details that the server sent for a file. */
export interface GivenDetails {
  readonly fileId: string
  readonly details: unknown
  /** For an automatic filing. */
  readonly template?: FilingTemplate | undefined
}

/**
 * Uploads a file, or returns its id again.
 *
 * @throws {RequestError} as `refusal`.
 */
export async function uploadFile(step: FileStep, deps: FilingDeps): Promise<FilingAnswer> {
  const open = openAttempt(step, deps)
  const granted = grantedFile(open, step.evidenceId)
  const known = open.attempt.files.get(step.evidenceId)
  if (known?.fileId !== undefined && known.state !== "failed") {
    return { kind: "accepted", remoteReportId: open.remoteReportId, fileId: known.fileId }
  }
  if (known !== undefined) throw wrongState(open.attempt, "an upload cannot be repeated in the same report: retract it")
  const measured = await measure(granted, deps)
  await using client = await deps.tipline.connect(open.filing.environment)
  const { evidenceId } = step
  await open.record("filing.uploading", { evidenceId })
  const { content } = await deps.opener.open(granted)
  const { md5, sizeBytes } = measured
  const outcome = await client.upload(open.remoteReportId, { content, md5, sizeBytes })
  const answer = await recordUpload(outcome, {
    record: (type, data) => open.record(type, { evidenceId, ...data }),
    content: contentDigest(deps.keyedDigest, measured.sha256),
    sha256: measured.sha256,
  })
  return answer.kind === "accepted" ? { ...answer, sha256: measured.sha256 } : answer
}

interface UploadRecord {
  readonly record: OpenAttempt["record"]
  readonly content: string
  readonly sha256: string
}

async function recordUpload(outcome: UploadOutcome, { record, content, sha256 }: UploadRecord): Promise<FilingAnswer> {
  switch (outcome.kind) {
    case "accepted": {
      const { fileId, md5, reportId } = outcome
      await record("filing.uploaded", { fileId, content, ...factsOf(outcome) })
      return acceptedAnswer(outcome, { remoteReportId: reportId, fileId, md5 })
    }
    case "rejected":
      await record("filing.file-failed", factsOf(outcome))
      return otherAnswer(outcome, false)
    case "unanswered":
      await record("filing.unanswered", factsOf(outcome))
      return otherAnswer(outcome)
    case "unsent":
      await record("filing.not-uploaded", factsOf(outcome))
      return otherAnswer(outcome)
    case "corrupt":
      // The CyberTipline has other bytes: retracting is the only option left.
      await record("filing.file-failed", { fileId: outcome.fileId, ...factsOf(outcome) })
      return differingAnswer(outcome, sha256)
    case "source_failed":
      await record("filing.file-failed", { outcome: "source-failed", why: outcome.reason })
      return { kind: "unanswered", reason: "source_failed" }
    default:
      return outcome satisfies never
  }
}

/**
 * Describes an uploaded file, or confirms again that it is described.
 *
 * @throws {RequestError} as `refusal`.
 */
export async function describeFile(step: FileStep, given: GivenDetails, deps: FilingDeps): Promise<FilingAnswer> {
  const open = openAttempt(step, deps)
  const granted = grantedFile(open, step.evidenceId)
  const known = open.attempt.files.get(step.evidenceId)
  if (known?.fileId !== given.fileId) throw wrongState(open.attempt, "this file was not uploaded under that id")
  if (known.state === "described")
    return { kind: "accepted", remoteReportId: open.remoteReportId, fileId: given.fileId }
  if (known.state !== "uploaded")
    throw wrongState(open.attempt, "a file can be described only once in a report: retract it")
  const details = parseDetails(given, { granted, open, deps, content: known.content ?? "" })
  const { authorisationId } = open.filing
  if (authorisationId !== undefined) {
    const template = deps.authorisations.signedTemplate(authorisationId, given.template)
    assertDetails(given.details, template, await measure(granted, deps))
  }
  await using client = await deps.tipline.connect(open.filing.environment)
  const { evidenceId } = step
  await open.record("filing.describing", { evidenceId })
  const outcome = await client.fileInfo(details, { batched: open.attempt.isBatched })
  switch (outcome.kind) {
    case "accepted":
      await open.record("filing.described", { evidenceId, ...factsOf(outcome) })
      return acceptedAnswer(outcome, { remoteReportId: outcome.reportId, fileId: given.fileId })
    case "rejected": {
      const type = outcome.class === "retryable" ? "filing.not-described" : "filing.file-failed"
      await open.record(type, { evidenceId, ...factsOf(outcome) })
      return otherAnswer(outcome)
    }
    case "unsent":
      await open.record("filing.not-described", { evidenceId, ...factsOf(outcome) })
      return otherAnswer(outcome)
    case "unanswered":
      await open.record("filing.unanswered", { evidenceId, ...factsOf(outcome) })
      return otherAnswer(outcome)
    default:
      return outcome satisfies never
  }
}

type GrantedFile = OpenAttempt["filing"]["files"][number]

function grantedFile({ filing }: OpenAttempt, evidenceId: string): GrantedFile {
  const found = filing.files.find((file) => file.evidenceId === evidenceId)
  if (found === undefined) throw refusal("other-evidence", "the grant does not name this file")
  return found
}

interface DetailsTerms {
  readonly granted: GrantedFile
  readonly open: OpenAttempt
  readonly deps: FilingDeps
  /** Keyed digest of the uploaded content. */
  readonly content: string
}

function parseDetails(
  { fileId, details }: { readonly fileId: string; readonly details: unknown },
  { granted, open, deps, content }: DetailsTerms,
) {
  const digest = jsonDigest(details)
  if (digest !== granted.detailsSha256) throw refusal("other-document", "these details differ from the granted ones")
  const fields = details as Readonly<Record<string, unknown>>
  if (open.filing.isAutomatic) assertUnseen(fields)
  else assertAttested(fields, deps.viewingBook.attested(content))
  const full: unknown = { ...fields, reportId: open.remoteReportId, fileId }
  const { schemaVersion } = deps.config
  const options = { schemaVersion, now: deps.journal.clock.now(), batched: open.attempt.isBatched }
  const problems = validateFileDetails(full, options)
  if (problems.length > 0 || "reportId" in fields || "fileId" in fields) {
    throw refusal("document-invalid", "the model does not allow these details", { problems: problems.length })
  }
  return parseFileDetails(full, options)
}

/** Without a named approver, the details must say explicitly that nobody viewed the file, whoever did. */
function assertUnseen({ fileViewedByEsp, exifViewedByEsp }: Readonly<Record<string, unknown>>): void {
  const exifUnseen = exifViewedByEsp === undefined || exifViewedByEsp === false
  if (fileViewedByEsp === false && exifUnseen) return
  throw refusal("view-not-attested", "an automatic filing must say of every file that nobody viewed it")
}

/** A report may say that somebody viewed a file only if this custodian showed it to a person who attested it. */
function assertAttested(
  fields: Readonly<Record<string, unknown>>,
  attested: { readonly viewed: boolean; readonly exifViewed: boolean },
): void {
  const isTrue = (name: string) => fields[name] !== undefined && fields[name] !== false
  const viewed = isTrue("fileViewedByEsp") && !attested.viewed
  const exif = isTrue("exifViewedByEsp") && !attested.exifViewed
  if (viewed || exif) throw refusal("view-not-attested", "nobody attested here that they viewed this file")
}

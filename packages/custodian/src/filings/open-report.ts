/**
 * Opens a report: once for an attempt, and the next attempt only when the one before can have no further effect.
 * @module
 */

import type { AutomaticFilingGrant, FilingAnswer, FilingGrant, FilingOpenBody } from "@nightlight/contract/custodian"
import { compact } from "@nightlight/core"
import { parseReport, validateReport } from "@nightlight/cybertipline"
import { assertDocument } from "../filing-authorisations/template.ts"
import { assertPurpose, digestOfGrant } from "../grants/verify.ts"
import { refusal } from "../refusal.ts"
import { acceptedAnswer, factsOf, recordOther } from "./answers.ts"
import { type Attempt, type Filing, GIVEN_UP } from "./filing-book.ts"
import { jsonDigest } from "./json-digest.ts"
import { type MeasuredFile, measure } from "./measure.ts"
import type { FilingDeps } from "./types.ts"

/**
 * Maximum number of reports that one grant opens, one after another, so that somebody who controls the server cannot
 * keep NCMEC busy.
 */
const MAX_OPENED = 12
/** Attempts on one grant, including those that NCMEC never saw or refused: an outage of a day takes a few dozen. */
const MAX_ATTEMPTS = 500

/**
 * Opens a report, or returns the result again.
 *
 * @throws {RequestError} as `refusal`.
 */
export async function openReport(body: FilingOpenBody, deps: FilingDeps): Promise<FilingAnswer> {
  const { proven, attempt } = body
  const grant = filingGrant(body)
  const filing = deps.book.find(grant.grantId)
  if (filing !== undefined && filing.grantSha256 !== digestOfGrant(grant)) {
    throw refusal("replayed", "another grant with this id was used before", { grantId: grant.grantId })
  }
  const last = filing?.attempts.at(-1)
  if (last !== undefined && (last.attempt === attempt || !GIVEN_UP.includes(last.state))) return again(last, attempt)
  if (attempt !== (last?.attempt ?? 0) + 1) throw wrongState(last, "this is not the next attempt")
  const opened = filing?.attempts.filter(({ state }) => state !== "refused").length ?? 0
  if (opened >= MAX_OPENED || attempt > MAX_ATTEMPTS) {
    throw refusal("attempts-exceeded", "too many attempts on one grant: a person must check it", {
      attempts: attempt - 1,
    })
  }
  // A used grant was counted by the authorisation's cap before: it may go on while the authorisation is live.
  if (filing === undefined) deps.grants.verify(proven, ...PURPOSES)
  else deps.grants.verifyUsed(proven, ...PURPOSES)
  assertReportFree(grant, deps)
  const report = parseDocument(body, grant, deps)
  // For a filing that was begun, grant and named document are the same.
  if (filing === undefined && grant.purpose === "automatic-filing") await assertAutomatic(grant, body.document, deps)
  // Checked before the grant is used up, which would otherwise be for nothing.
  await using client = await deps.tipline.connect(grant.environment)
  if (filing === undefined) {
    const files = grant.files.map((file) => fileEvent(grant, file))
    await deps.grants.use(proven, PURPOSES, files)
  }

  const about = { grantId: grant.grantId, attempt }
  const record = (type: string, data: Readonly<Record<string, string | number | boolean>> = {}) =>
    deps.journal.record(type, "server", { ...about, ...data })
  await record("filing.opening", { batched: report.batchedReport !== undefined })
  const outcome = await client.submit(report)
  switch (outcome.kind) {
    case "accepted":
      await record("filing.opened", { remoteReportId: outcome.reportId, ...factsOf(outcome) })
      return acceptedAnswer(outcome, { remoteReportId: outcome.reportId })
    case "rejected":
    case "unsent":
      return recordOther(record, "filing.refused", outcome)
    case "unanswered":
      return recordOther(record, "filing.unanswered", outcome)
    default:
      return outcome satisfies never
  }
}

/** Measures the files of an automatic filing: they must be listed, and the document must be as two people signed. */
async function assertAutomatic(grant: AutomaticFilingGrant, document: unknown, deps: FilingDeps): Promise<void> {
  const template = deps.authorisations.signedTemplate(grant.authorisationId, grant.template)
  const contents: MeasuredFile[] = []
  for (const file of grant.files) contents.push(await measure(file, deps))
  await deps.authorisations.assertListed(grant, contents)
  assertDocument(document, template, {
    files: grant.files.length,
    sha256: new Set(contents.map(({ sha256 }) => sha256)),
    accounts: new Set(contents.flatMap(({ account }) => account ?? [])),
    isFinished: (id) => deps.book.hasFinished(id, grant.environment),
  })
}

type AnyFilingGrant = FilingGrant | AutomaticFilingGrant

const PURPOSES = ["filing", "automatic-filing"] as const

function filingGrant({ proven }: FilingOpenBody): AnyFilingGrant {
  assertPurpose(proven.grant, ...PURPOSES)
  return proven.grant as AnyFilingGrant
}

/** The same answer again for an attempt that was begun, if there is one. */
function again(last: Attempt, attempt: number): FilingAnswer {
  const { state, remoteReportId } = last
  const isOpen = last.attempt === attempt && state === "opened" && !last.isRetracting
  if (isOpen && remoteReportId !== undefined) return { kind: "accepted", remoteReportId }
  throw wrongState(last, "this attempt, or an earlier one, is in another state")
}

/** The refusal of a step that does not fit an attempt's state. */
export function wrongState(attempt: Attempt | undefined, message: string) {
  const { remoteReportId } = attempt ?? {}
  return refusal(
    "wrong-state",
    message,
    compact({
      state: attempt?.state ?? "none",
      attempt: attempt?.attempt ?? 0,
      remoteReportId,
    }),
  )
}

/** A report is filed once, whatever grants there are for it. */
function assertReportFree({ grantId, reportId, environment }: AnyFilingGrant, { book }: FilingDeps): void {
  for (const other of book.ofReport(reportId, environment)) {
    const last = other.attempts.at(-1)
    if (other.grantId === grantId || last === undefined || GIVEN_UP.includes(last.state)) continue
    throw refusal("report-filed", "this report is being filed or was filed under another grant", {
      otherGrantId: other.grantId,
      state: last.state,
    })
  }
}

function parseDocument({ document }: FilingOpenBody, { documentSha256 }: AnyFilingGrant, deps: FilingDeps) {
  const digest = jsonDigest(document)
  if (digest !== documentSha256) throw refusal("other-document", "this document differs from the granted one")
  const options = { schemaVersion: deps.config.schemaVersion, now: deps.journal.clock.now() }
  const problems = validateReport(document, options)
  if (problems.length > 0) {
    const [first] = problems
    throw refusal(
      "document-invalid",
      "the model does not allow this document",
      compact({
        problems: problems.length,
        first: first?.code,
      }),
    )
  }
  return parseReport(document, options)
}

function fileEvent({ grantId }: AnyFilingGrant, file: Filing["files"][number]) {
  const { evidenceId, ciphertextSha256, detailsSha256 } = file
  return { type: "filing.file", actor: "server", data: { grantId, evidenceId, ciphertextSha256, detailsSha256 } }
}

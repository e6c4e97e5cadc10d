/**
 * Files one case without a person, or leaves it to people: decision, draft and grant are written in one transaction
 * with the count that limits them.
 * @module
 */

import type { FilingAuthorisation } from "@nightlight/contract/custodian"
import { DAY_MS, MINUTE_MS, type NightlightError, RequestError } from "@nightlight/core"
import { lockCase } from "../../casework/cases/change-case.ts"
import type { CasesService } from "../../casework/cases/service.ts"
import type { ReviewService } from "../../casework/review/service.ts"
import type { EntryWatch } from "../../intake/lists/entries.ts"
import { readEvents } from "../../platform/events/read.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import { decideAutomatically } from "./decide-case.ts"
import { type AutomaticReportDeps, fileAutomatically } from "./file-report.ts"
import { findCandidates, noteCase, readAuthorisation } from "./store.ts"
import { APPROVED_EVENT, AUTOMATIC, QUIET_MINUTES } from "./types.ts"

/** Dependencies of filing a case. */
export interface FileCaseDeps extends TransactDeps, AutomaticReportDeps {
  readonly alarms: Pick<Alarms, "raise">
  readonly cases: Pick<CasesService, "contexts">
  readonly review: Pick<ReviewService, "decideImmediately">
  readonly entries: Pick<EntryWatch, "broadAmong">
}

/**
 * Outcome for a case. `left`: a person must decide; `capped`: the daily cap is reached; `not-now`: tried again later.
 */
export type FiledCase = "filed" | "left" | "capped" | "not-now"

/** Time since which nothing may have joined a case. */
export function noNewItemsSince(now: Date): Date {
  return new Date(now.getTime() - QUIET_MINUTES * MINUTE_MS)
}

/**
 * Files a case under a filing authorisation.
 *
 * @returns `left` if people must file it, in which case an event says why; `capped` when the day's limit is reached.
 * @throws {DependencyError} if the database does not answer.
 */
export async function fileCase(
  deps: FileCaseDeps,
  caseId: string,
  { authorisationId }: FilingAuthorisation,
): Promise<FiledCase> {
  try {
    return await transact(deps, AUTOMATIC, (tx) => fileUnder(deps, tx, caseId, authorisationId))
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    // The transaction is rolled back; people see the case as if nothing had tried.
    return transact(deps, AUTOMATIC, (tx) => leave(deps, tx, { caseId, authorisationId, code: codeOf(error) }))
  }
}

async function fileUnder(
  deps: FileCaseDeps,
  tx: EventTransaction,
  caseId: string,
  authorisationId: string,
): Promise<FiledCase> {
  const { trx, record } = tx
  const now = deps.clock.now()
  // The lock lets only one worker at a time count and file.
  const known = await readAuthorisation(trx, authorisationId, true)
  if (known?.state !== "live" || Date.parse(known.authorisation.expiresAt) <= now.getTime()) return "not-now"
  const { lists, dailyCap } = known.authorisation
  const since = new Date(now.getTime() - DAY_MS).toISOString()
  const filed = await readEvents(trx, { type: APPROVED_EVENT, subject: authorisationId, since })
  if (filed.length >= dailyCap) return "capped"
  // The lock keeps items from joining the case and people from claiming it until the decision.
  await lockCase(trx, caseId)
  const still = await findCandidates(trx, { lists, now, quietSince: noNewItemsSince(now), limit: 1, caseId })
  if (still.length === 0) return "not-now"

  const places = await deps.cases.contexts.openAll(trx, caseId)
  const matches = places.flatMap(({ context }) => context.matches)
  const broad = await deps.entries.broadAmong(trx, matches)
  if (broad.length > 0) {
    for (const entry of broad) {
      await deps.alarms.raise(tx, { code: "automatic-entry-stopped", subject: `entry-${entry.slice(0, 32)}` })
    }
    return leave(deps, tx, { caseId, authorisationId, code: "entry-stopped" })
  }
  await decideAutomatically(deps, tx, caseId, authorisationId)
  const matched = [...new Set(matches.map(({ list }) => list))].filter((list) => lists.includes(list)).toSorted()
  const report = await fileAutomatically(deps, tx, caseId, { authorisation: known.authorisation, lists: matched })
  await noteCase(trx, { case_id: caseId, authorisation_id: authorisationId, outcome: "filed", code: "filed", at: now })
  record({ type: APPROVED_EVENT, subject: authorisationId, data: { case: caseId, report } })
  return "filed"
}

async function leave(
  { clock }: FileCaseDeps,
  { trx, record }: EventTransaction,
  {
    caseId,
    authorisationId,
    code,
  }: { readonly caseId: string; readonly authorisationId: string; readonly code: string },
): Promise<FiledCase> {
  await noteCase(trx, { case_id: caseId, authorisation_id: authorisationId, outcome: "left", code, at: clock.now() })
  record({ type: "automation.left-to-people", subject: caseId, data: { authorisation: authorisationId, code } })
  return "left"
}

function codeOf(error: NightlightError): string {
  const reason = error.details["reason"]
  return typeof reason === "string" ? reason : error.code
}

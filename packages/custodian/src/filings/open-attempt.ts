import type { Journal } from "../journal/journal.ts"
import { refusal } from "../refusal.ts"
import type { Attempt, AttemptStep, Filing } from "./filing-book.ts"
import { wrongState } from "./open-report.ts"
import type { FilingDeps } from "./types.ts"

/** An attempt whose report is open at NCMEC. */
export interface OpenAttempt {
  readonly filing: Filing
  readonly attempt: Attempt
  readonly remoteReportId: string
  /** Records an event about it. */
  readonly record: (type: string, data?: Readonly<Record<string, string | number>>) => ReturnType<Journal["record"]>
}

/**
 * Finds the latest attempt of a filing.
 *
 * @throws {RequestError} `not_found` (`unknown`); `state_conflict` (`wrong-state`) if it is not the named one.
 */
export function latestAttempt({ grantId, attempt }: AttemptStep, { book, journal }: FilingDeps) {
  const filing = book.find(grantId)
  if (filing === undefined) throw refusal("unknown", "there is no such filing", { grantId })
  const latest = filing.attempts.at(-1)
  if (latest?.attempt !== attempt) throw wrongState(latest, "this is not the latest attempt")
  const record: OpenAttempt["record"] = (type, data = {}) =>
    journal.record(type, "server", { grantId, attempt, ...data })
  return { filing, attempt: latest, record }
}

/**
 * Finds an attempt whose report is open, and not in doubt.
 *
 * @throws {RequestError} as {@link latestAttempt}; `wrong-state` if it is in another state.
 */
export function openAttempt(step: AttemptStep, deps: FilingDeps): OpenAttempt {
  const found = latestAttempt(step, deps)
  const { state, remoteReportId, isRetracting } = found.attempt
  if (state !== "opened" || isRetracting || remoteReportId === undefined) {
    throw wrongState(found.attempt, "the report is not open")
  }
  return { ...found, remoteReportId }
}

/**
 * Why nothing is shown, in words that say what to do.
 * @module
 */
import { viewing as say } from "#messages/viewing.ts"
import { CallError } from "../api/problem.ts"
import { dateTime } from "../parts/format.ts"
import { wordsOf } from "../parts/states.tsx"

/** What to say of a viewing that did not come about. */
export interface FaultWords {
  readonly text: string
  /** Whether the settings page is where it is mended. */
  readonly isKey?: boolean
}

const { faults } = say

const BY_REASON: Readonly<Record<string, FaultWords>> = {
  "not-enrolled": { text: faults.notEnrolled, isKey: true },
  "signature-wrong": { text: faults.notEnrolled, isKey: true },
  "role-missing": { text: faults.role, isKey: true },
  "hourly-cap": { text: faults.hourly },
  expired: { text: faults.clock },
  "not-yet-valid": { text: faults.clock },
  "valid-too-long": { text: faults.clock },
  "evidence-faulty": { text: faults.faulty },
  "no-rendition": { text: faults.noRendition },
  "too-large": { text: faults.tooLarge },
  replayed: { text: faults.replayed },
}

/** Says why. */
export function faultWords(error: unknown): FaultWords {
  if (!(error instanceof CallError)) return { text: faults.undecodable }
  const { code, details } = error
  if (code === "budget_reached") return { text: budgetWords(String(details["by"]), details["until"]) }
  const reason = BY_REASON[String(details["reason"])]
  if (reason !== undefined) return reason
  if (code === "step_up_required") return { text: faults.proofDeclined }
  if (code === "not_found" || details["claimedBy"] !== undefined) return { text: faults.notHeld }
  return { text: wordsOf(error) }
}

/** Which budget is spent, until when, and what stays possible. */
export function budgetWords(by: string, until: unknown): string {
  const which = faults.budget[by] ?? faults.budget["items"]
  const when = typeof until === "string" ? ` ${faults.budgetUntil(dateTime(until))}` : ""
  return `${which}${when} ${faults.without}`
}

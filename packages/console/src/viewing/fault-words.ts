import { viewing as say } from "#messages/viewing.ts"
import { CallError } from "../api/problem.ts"
import { dateTime } from "../parts/format.ts"
import { wordsOf } from "../parts/states.tsx"

/** Words about a viewing that failed. */
export interface FaultWords {
  readonly text: string
  /** Whether the settings page is the place to solve it. */
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

/** Words for the error of a failed viewing: what happened and what to do. */
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

/** Which budget is used up, until when, and what remains possible without viewing. */
export function budgetWords(by: string, until: unknown): string {
  const which = faults.budget[by] ?? faults.budget["items"]
  const when = typeof until === "string" ? ` ${faults.budgetUntil(dateTime(until))}` : ""
  return `${which}${when} ${faults.without}`
}

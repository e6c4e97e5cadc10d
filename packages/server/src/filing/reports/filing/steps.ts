/**
 * The filing of a report, step by step, as it is persisted: a marker before each call and its outcome after. What a
 * crash leaves is a marker without an outcome.
 *
 * Source: the CyberTipline's documentation (retract is the only oracle: 0 = it was unfinished and is gone, 5102 = it
 * was finished, 5101 = it was retracted before, 5001 = it expired or never was).
 * @module
 */
import type { HoldCode, StepName, StepOutcome } from "../../../platform/db/tables/filing.ts"

/** One row: a call of one attempt, with its outcome once it is known. */
export interface FilingStep {
  /** From 1, one more with each new remote report. */
  readonly attempt: number
  readonly step: StepName
  /** When its marker was written. */
  readonly startedAt: Date
  /** Absent while under way, and after a crash. */
  readonly outcome?: StepOutcome
}

/** What to do next. */
export type Next =
  | { readonly do: "call"; readonly attempt: number; readonly step: StepName }
  /** The CyberTipline has the report. */
  | { readonly do: "finish"; readonly remoteReportId: string }
  /** A person must look; `code` says why. */
  | {
      readonly do: "hold"
      readonly code: HoldCode
      readonly responseCode?: number
      /** Where the CyberTipline has the report all the same. */
      readonly remoteReportId?: string
    }

/** How often one thing is asked within an attempt before a person is. */
export const MAX_ASKS = 12
/** How many remote reports are opened for one report before a person is asked. */
export const MAX_ATTEMPTS = 40

/** Codes that speak of who reports, not of the report. */
export const AUTHORISATION_CODES: readonly number[] = [2000, 3000, 3100, 3300]

/** The custodian's reason: the attempt is not where this call needs it. */
export const WRONG_STATE = "wrong-state"

/** Code of retract: it was retracted before. */
export const ALREADY_RETRACTED_CODE = 5101
/** Codes of retract that say: the attempt is gone, nothing was filed. */
export const GONE_CODES: readonly number[] = [5001, ALREADY_RETRACTED_CODE]
/** Code of retract that says: the attempt was finished. */
export const WAS_FINISHED_CODE = 5102

/** What makes a step's row unique in its attempt. */
export function stepKey(step: StepName): string {
  switch (step.call) {
    case "upload":
    case "describe":
      return `${step.call}:${step.evidenceId}`
    case "open":
    case "retract":
    case "abandon":
      return `${step.call}:${step.ask}`
    case "finish":
      return step.call
  }
}

/**
 * The recorded steps of a report's filing: a marker before each call and its outcome after. A crash leaves a marker
 * without an outcome.
 *
 * Source: the CyberTipline's documentation (only retract tells the state of a lost report: 0 = it was unfinished and is
 * gone, 5102 = it was finished, 5101 = it was retracted before, 5001 = it expired or never was).
 * @module
 */
import type { HoldCode, StepName, StepOutcome } from "../../../platform/db/tables/filing.ts"

/** One row: a call of one attempt, with its outcome once it is known. */
export interface FilingStep {
  /** From 1, one more for each new remote report. */
  readonly attempt: number
  readonly step: StepName
  /** When its marker was written. */
  readonly startedAt: Date
  /** Absent while in progress, and after a crash. */
  readonly outcome?: StepOutcome
}

/** The next action of a filing. */
export type Next =
  | { readonly do: "call"; readonly attempt: number; readonly step: StepName }
  /** The CyberTipline has the report. */
  | { readonly do: "finish"; readonly remoteReportId: string }
  /** A person must decide; `code` says why. */
  | {
      readonly do: "hold"
      readonly code: HoldCode
      readonly responseCode?: number
      /** If the CyberTipline has the report all the same. */
      readonly remoteReportId?: string
    }

/** How often one call is made within an attempt before a person is asked. */
export const MAX_CALL_ATTEMPTS = 12
/** How many remote reports are opened for one report before a person is asked. */
export const MAX_ATTEMPTS = 40

/** Codes that concern the reporter, not the report. */
export const AUTHORISATION_CODES: readonly number[] = [2000, 3000, 3100, 3300]

/** The custodian's reason: the attempt is not in the state that this call needs. */
export const WRONG_STATE = "wrong-state"

/** Code of retract: it was retracted before. */
export const ALREADY_RETRACTED_CODE = 5101
/** Codes of retract that mean: the attempt is gone, nothing was filed. */
export const NOT_FILED_CODES: readonly number[] = [5001, ALREADY_RETRACTED_CODE]
/** Code of retract that means: the attempt was finished. */
export const WAS_FINISHED_CODE = 5102

/** The key that makes a step's row unique in its attempt. */
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

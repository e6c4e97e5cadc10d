/**
 * The filing of a report, step by step, as it is persisted: a marker before each call and its outcome after. What a
 * crash leaves is a marker without an outcome.
 *
 * Source: the CyberTipline's documentation (retract is the only oracle: 0 = it was unfinished and is gone, 5102 = it
 * was finished, 5101 = it was retracted before, 5001 = it expired or never was).
 * @module
 */

/** One call. */
export type StepName =
  /** Opens the remote report. Asked again the custodian never submits twice: it says what became of it. */
  | { readonly call: "open"; readonly ask: number }
  | { readonly call: "upload"; readonly evidenceId: string }
  | { readonly call: "describe"; readonly evidenceId: string; readonly fileId: string }
  | { readonly call: "finish" }
  /** Asks what became of the attempt. `ask` counts from 1. */
  | { readonly call: "retract"; readonly ask: number }
  /** Gives an attempt up whose report id nobody learned: an unfinished report expires by itself. `ask` as above. */
  | { readonly call: "abandon"; readonly ask: number }

/** What came of a call. */
export type StepOutcome =
  | { readonly kind: "accepted"; readonly remoteReportId?: string; readonly fileId?: string }
  /** `responseCode` is absent where an HTTP status alone spoke, such as 401. */
  | { readonly kind: "rejected"; readonly responseCode?: number; readonly retryable: boolean }
  /** The custodian would not: the grant, a digest or a cap is not what it must be. Nothing was sent. */
  | { readonly kind: "refused"; readonly code: string }
  /**
   * The CyberTipline took it, and answered something else than was sent: another MD5 for a file, or the ids of other
   * files for the report.
   */
  | { readonly kind: "differs"; readonly what: "md5" | "file-ids"; readonly remoteReportId: string }
  | { readonly kind: "unanswered" }
  | { readonly kind: "unsent" }

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

/** Why filing stops for a person. */
export type HoldCode =
  /** The CyberTipline refuses the report or a file as it is. */
  | "refused"
  /** The CyberTipline refuses whoever reports: credentials, or what they may do. */
  | "not-authorised"
  /** The custodian refuses to act on this grant. */
  | "custodian-refused"
  /** The CyberTipline holds another file than was sent, by the MD5 that it answered: the attempt was retracted. */
  | "upload-differs"
  /** The report is finished, and its receipt names other files than were uploaded. */
  | "receipt-differs"
  /** Retract was asked {@link MAX_ASKS} times without an answer that decides. */
  | "undecided"
  /** {@link MAX_ATTEMPTS} attempts came to nothing. */
  | "too-many-attempts"

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

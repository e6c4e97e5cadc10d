import type { JSONColumnType } from "kysely"
import type { StepName, StepOutcome } from "./filing/steps.ts"
import type { Environment, ReportKind, ReportState } from "./types.ts"

/** Reports and the steps of their filing. */
export interface ReportTables {
  readonly reports: {
    readonly id: string
    readonly case_id: string
    readonly kind: ReportKind
    readonly environment: Environment
    readonly state: ReportState
    readonly version: number
    readonly content: Buffer
    readonly proven: Buffer | null
    readonly grant_id: string | null
    readonly prepared_by: string
    readonly approved_by: string | null
    readonly sole_reason: string | null
    /** The standing authorisation that it was filed on, where no person prepared it. */
    readonly standing_id: string | null
    readonly sole_reviewed_by: string | null
    readonly sole_reviewed_at: Date | null
    readonly created_at: Date
    readonly proposed_at: Date | null
    readonly approved_at: Date | null
    readonly finished_at: Date | null
    readonly due_at: Date | null
    readonly remote_report_id: string | null
    readonly held_code: string | null
    readonly held_response_code: number | null
    readonly resumes: number
    /** Who let it count as filed although its receipt names other files than were uploaded. */
    readonly receipt_accepted_by: string | null
    readonly next_try_at: Date | null
    readonly lease_token: string | null
    readonly lease_until: Date | null
  }
  readonly report_steps: {
    readonly report_id: string
    readonly ordinal: number
    readonly attempt: number
    readonly step_key: string
    readonly step: JSONColumnType<StepName>
    readonly started_at: Date
    readonly outcome: JSONColumnType<StepOutcome> | null
    /** The CyberTipline's answer, sealed under the case's key; none where no call reached the custodian. */
    readonly answer: Buffer | null
    readonly ended_at: Date | null
  }
}

import type { FilingAuthorisation, GrantProof } from "@nightlight/contract/custodian"
import type { ColumnType, JSONColumnType } from "kysely"

/** One call. */
export type StepName =
  /**
   * Opens the remote report. When it is called again, the custodian does not submit twice: it returns the state of the
   * first call.
   */
  | { readonly call: "open"; readonly ask: number }
  | { readonly call: "upload"; readonly evidenceId: string }
  | { readonly call: "describe"; readonly evidenceId: string; readonly fileId: string }
  | { readonly call: "finish" }
  /** Asks for the state of the attempt. `ask` counts from 1. */
  | { readonly call: "retract"; readonly ask: number }
  /** Abandons an attempt whose report id is lost: an unfinished report expires on its own. `ask` as above. */
  | { readonly call: "abandon"; readonly ask: number }

/** Kinds of requests. */
export const REQUEST_KINDS = ["preservation-2703f", "legal-process", "destruction", "ncmec"] as const

/** Reports to authorities other than NCMEC. */
export interface ReferralTables {
  readonly referrals: {
    readonly referral_id: string
    readonly case_id: string
    readonly authority: string
    readonly reference: Buffer
    readonly made_by: string
    readonly made_at: Date
  }
}

/** Requests of law enforcement. */
export interface RequestTables {
  readonly le_requests: {
    readonly request_id: string
    readonly kind: RequestKind
    readonly state: "open" | "closed"
    readonly sealed: Buffer
    readonly received_at: Date
    readonly due_at: Date | null
    readonly opened_by: string
    readonly opened_at: Date
    readonly closed_by: string | null
    readonly closed_at: Date | null
    readonly mac: string
  }
  readonly le_request_cases: {
    readonly request_id: string
    readonly case_id: string
    readonly linked_by: string
    readonly linked_at: Date
    readonly mac: string
  }
  readonly disclosures: {
    readonly disclosure_id: string
    readonly request_id: string
    readonly case_id: string
    readonly kind: DisclosureKind
    readonly approval_id: string
    readonly requested_by: string
    readonly approved_by: string
    readonly document_sha256: string | null
    readonly disclosed_at: Date
    /** JSON of the custodian's receipt. */
    readonly receipt_json: unknown
  }
}

/** Preservation, holds and destruction. */
export interface PreservationTables {
  readonly preservations: {
    readonly evidence_id: string
    readonly case_id: string
    readonly state: PreservationState
    readonly locked_until: Date | null
    readonly report_id: string | null
    readonly destroy_after: Date | null
    readonly destroy_by: Date | null
    readonly certificate_id: string | null
    readonly destroyed_at: Date | null
    readonly changed_at: Date
    readonly mac: string
  }
  readonly holds: {
    readonly hold_id: string
    readonly case_id: string
    readonly reason: HoldReason
    readonly reference: Buffer
    readonly request_id: string | null
    readonly placed_by: string
    readonly placed_at: Date
    readonly until: Date | null
    readonly lifted_by: string | null
    readonly lifted_at: Date | null
    readonly mac: string
  }
  readonly destruction_certificates: {
    readonly certificate_id: string
    readonly case_id: string
    readonly basis: DestructionBasis
    readonly approval_id: string | null
    readonly document: string
    readonly issued_at: Date
    /** JSON of the order to the custodian. */
    readonly order_json: unknown
  }
  readonly destruction_receipts: {
    readonly certificate_id: string
    /** JSON. */
    readonly document: unknown
    readonly received_at: Date
  }
  readonly clock_watch: {
    readonly name: string
    readonly seen_at: Date
    readonly suspended_at: Date | null
  }
}

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
    readonly single_person_reason: string | null
    /** The filing authorisation of an automatic filing, which no person prepared. */
    readonly authorisation_id: string | null
    readonly single_person_reviewed_by: string | null
    readonly single_person_reviewed_at: Date | null
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
    /** The CyberTipline's answer, sealed under the case's key; null if no call reached the custodian. */
    readonly answer: Buffer | null
    readonly ended_at: Date | null
  }
}

/** Automatic filing. */
export interface AutomaticTables {
  readonly filing_authorisations: {
    readonly authorisation_id: string
    readonly document: JSONColumnType<FilingAuthorisation>
    /** Written as JSON text. */
    readonly proofs: ColumnType<readonly GrantProof[], string, string>
    readonly state: AuthorisationState
    readonly made_by: string
    readonly made_at: Date
    readonly ended_at: Date | null
    readonly mac: string
  }
  readonly automatic_cases: {
    readonly case_id: string
    readonly authorisation_id: string
    readonly outcome: "filed" | "left"
    readonly code: string
    readonly at: Date
  }
  /** Only keyed digests. */
}

/** State of a filing authorisation. `requested`: proofs or the approval are missing; `live`: the custodian has it. */
export const AUTHORISATION_STATES = ["requested", "live", "ended"] as const

/** The host that a report goes to. A report to the test host never closes a case, starts preservation or counts. */
export type Environment = "test" | "production"

/** One of {@link REQUEST_KINDS}. */
export type RequestKind = (typeof REQUEST_KINDS)[number]

/** States of a piece of evidence; `0005_filing.sql` explains each. */
export const PRESERVATION_STATES = ["kept", "locked", "clearing", "destroying", "destroyed"] as const

/**
 * State of a report. `draft`: being written; `proposed`: its preparer has signed it; `approved`: a second person has
 * signed it, and it is being filed; `held`: filing stopped for a person; `finished`: the CyberTipline has it; `manual`:
 * a person filed it through the CyberTipline's own form; `withdrawn`: given up before it was filed.
 */
export const REPORT_STATES = ["draft", "proposed", "approved", "held", "finished", "manual", "withdrawn"] as const

/** One of {@link AUTHORISATION_STATES}. */
export type AuthorisationState = (typeof AUTHORISATION_STATES)[number]

/** Kinds of disclosures: the custody record, the content itself, or other records. */
export const DISCLOSURE_KINDS = ["custody-record", "content", "records"] as const

/** One of {@link PRESERVATION_STATES}. */
export type PreservationState = (typeof PRESERVATION_STATES)[number]

/** Why evidence is held beyond its clock. */
export const HOLD_REASONS = ["2703f", "litigation", "investigation", "voluntary-2258a-h5", "appeal"] as const

/** One of {@link DISCLOSURE_KINDS}. */
export type DisclosureKind = (typeof DISCLOSURE_KINDS)[number]

/** One of {@link HOLD_REASONS}. */
export type HoldReason = (typeof HOLD_REASONS)[number]

/** One of {@link REPORT_STATES}. */
export type ReportState = (typeof REPORT_STATES)[number]

/** Why evidence is destroyed. A job destroys only `cleared`; the others need an approval. */
export const DESTRUCTION_BASES = ["cleared", "expired", "law-enforcement-request", "order"] as const

/** Outcome of a call. */
export type StepOutcome =
  | { readonly kind: "accepted"; readonly remoteReportId?: string; readonly fileId?: string }
  /** `responseCode` is absent if there was only an HTTP status, such as 401. */
  | { readonly kind: "rejected"; readonly responseCode?: number; readonly retryable: boolean }
  /** The custodian refused: the grant, a digest or a cap is wrong. Nothing was sent. */
  | { readonly kind: "refused"; readonly code: string }
  /**
   * The CyberTipline accepted it, but answered something else than was sent: another MD5 for a file, or the ids of
   * other files for the report.
   */
  | { readonly kind: "differs"; readonly what: "md5" | "file-ids"; readonly remoteReportId: string }
  | { readonly kind: "unanswered" }
  | { readonly kind: "unsent" }

/** Kind of a report, which decides how the draft is filled. */
export const REPORT_KINDS = ["files", "text-only", "training-data", "follow-up"] as const

/** One of {@link DESTRUCTION_BASES}. */
export type DestructionBasis = (typeof DESTRUCTION_BASES)[number]

/** One of {@link REPORT_KINDS}. */
export type ReportKind = (typeof REPORT_KINDS)[number]

/** Why filing stops for a person. */
export type HoldCode =
  /** The CyberTipline refuses the report or a file. */
  | "refused"
  /** The CyberTipline refuses the reporter: credentials, or permissions. */
  | "not-authorised"
  /** The custodian refuses to act on this grant. */
  | "custodian-refused"
  /** The CyberTipline has another file than was sent, by the MD5 in its answer: the attempt was retracted. */
  | "upload-differs"
  /** The report is finished, and its receipt names other files than were uploaded. */
  | "receipt-differs"
  /** Retract was called {@link MAX_CALL_ATTEMPTS} times without a decisive answer. */
  | "undecided"
  /** {@link MAX_ATTEMPTS} attempts failed. */
  | "too-many-attempts"

import type {
  FALSE_POSITIVE_REASONS,
  FALSE_POSITIVE_STATES,
  FollowUpKind,
  GuardHeartbeat,
  NOT_SUPPRESSIBLE,
  POLICY_STATES,
  SharedHunt,
  SharedPurge,
  SharedScanReport,
} from "@nightlight/contract/server"
import type { Decision } from "@nightlight/core"
import type { ColumnType, Generated } from "kysely"

/** Enrolled sources. */
export interface SourceTables {
  readonly sources: {
    readonly source_id: string
    readonly name: string
    /** Id of the public key; one live source a key. */
    readonly key_id: string
    /** PEM (SPKI, Ed25519). */
    readonly public_key: string
    /** Public keys that were its own before, PEM, oldest first; `null` where there is none. */
    readonly replaced_keys: readonly string[] | null
    readonly names_accounts: boolean
    /** What reports call its dataset; they do not name it where there is none. */
    readonly dataset_name: string | null
    readonly enrolled_by: string
    readonly enrolled_at: Date
    readonly revoked_at: Date | null
    readonly mac: string
  }
}

/** Answers that a repeated call gets again, for a day. */
export interface ScreenTables {
  readonly screen_answers: {
    readonly key_id: string
    /** Keyed digest of the caller's `Idempotency-Key`. */
    readonly repeat_key: string
    /** Keyed digest of what was asked. */
    readonly request_digest: string
    readonly decision: string
    readonly answered_at: Date
  }
}

/** Every index that was ever live here. */
export interface ListTables {
  readonly entry_items: {
    readonly entry_key: string
    readonly item_key: string
    /** Which list the entry is of; unknown of what was counted before that was kept. */
    readonly list: string | null
  }
  readonly live_indexes: {
    readonly version: number
    readonly live_at: Date
    readonly mac: string
  }
}

/** What sources pushed, and what became of it. */
export interface IntakeTables {
  readonly received_findings: {
    /** `received-<uuid>`. */
    readonly record_id: string
    /** `source-<uuid>`, or of a screening the key's id where it is bound to none. */
    readonly source_id: string
    readonly finding_id: string
    /** Keyed digest of the source's own id of the scan. */
    readonly scan_key: string
    readonly origin: "dataset" | "account" | "direct"
    /** Keyed digest of source and account id; with origin `account` alone. */
    readonly account_key: string | null
    readonly decision: string
    readonly claims_match: boolean
    readonly evidence_id: string | null
    readonly ciphertext_sha256: string | null
    /** Digest of the sealed file that the one to come takes the place of. */
    readonly replaces: string | null
    /** Whether the sealed file is said to hold the content. */
    readonly content: boolean | null
    /** When the sealed file was here whole. */
    readonly evidence_at: Date | null
    /** The finding as it came, encrypted under the source's key; gone once it stands in a case. */
    readonly document: Buffer | null
    readonly notes: string[]
    readonly state: "waiting" | "taken" | "denied" | "refused" | "kept"
    readonly code: string | null
    readonly tried_at: Date | null
    /** Index that it was matched against last. */
    readonly index_version: number | null
    readonly received_at: Date
    readonly settled_at: Date | null
    readonly case_id: string | null
    readonly item_id: string | null
    readonly test_only: boolean | null
  }
}

/** Disputed matches of lists, and false positives. */
export interface FalsePositiveTables {
  readonly false_positives: {
    /** `false-positive-<uuid>`. */
    readonly false_positive_id: string
    readonly list: string
    readonly case_id: string
    readonly item_id: string
    readonly reason: FalsePositiveReason
    readonly state: FalsePositiveState
    /** Why it can never become a false positive. */
    readonly bar: NotSuppressible | null
    /** How many entries of the list the item matched. */
    readonly entries: number
    readonly opened_by: string
    readonly opened_at: Date
    readonly changed_by: string | null
    readonly changed_at: Date | null
    readonly mac: string
  }
  /** Keyed digests alone. */
  readonly false_positive_entries: {
    readonly false_positive_id: string
    readonly entry_key: string
    readonly item_key: string
    readonly mac: string
  }
}

/** The last word of each guard process. */
export interface GuardTables {
  readonly guard_heartbeats: {
    readonly source_id: string
    /** `guard-<uuid>`: one process. */
    readonly instance: string
    readonly state: GuardHeartbeat["state"]
    /** By our own clock, like the next. */
    readonly first_seen_at: Date
    readonly last_seen_at: Date
    /** JSON text on the way in. */
    readonly heartbeat: ColumnType<GuardHeartbeat, string, string>
  }
}

/** Scans, hunts and purges that sources told of. */
export interface ScanTables {
  readonly scans: {
    /** `scan-<uuid>`. */
    readonly scan_id: string
    readonly source_id: string
    /** The source's own name of it. */
    readonly scan: string
    readonly state: SharedScanReport["state"]
    readonly finished_at: Date
    readonly received_at: Date
    /** JSON text on the way in. */
    readonly report: ColumnType<SharedScanReport, string, string>
  }
  readonly follow_ups: {
    /** `hunt-<uuid>` or `purge-<uuid>`. */
    readonly follow_up_id: string
    readonly source_id: string
    readonly kind: FollowUpKind
    /** The source's own name of it. */
    readonly name: string
    readonly at: Date
    readonly received_at: Date
    /** JSON text on the way in. */
    readonly report: ColumnType<SharedHunt | SharedPurge, string, string>
  }
  readonly follow_up_datasets: {
    readonly follow_up_id: string
    readonly source_id: string
    readonly dataset: string
    readonly at: Date
    readonly complete: boolean
    /** JSON text on the way in. */
    readonly state: ColumnType<(SharedHunt | SharedPurge)["datasets"][number], string, never>
  }
}

/** Policies of the server. */
export interface PolicyTables {
  readonly policies: {
    /** SHA-256 of the text, 64 hexadecimal digits. */
    readonly digest: string
    readonly policy_digest: string
    readonly name: string
    readonly version: number
    readonly text: string
    readonly tests_text: string | null
    readonly rule_count: number
    readonly test_count: number
    readonly state: PolicyState
    readonly made_by: string
    readonly made_at: Date
    readonly activated_at: Date | null
    readonly mac: string
  }
  readonly policy_activations: {
    readonly seq: Generated<string>
    readonly digest: string
    readonly replaced: string | null
    readonly how: ActivatedHow
    readonly approval_id: string | null
    readonly requested_by: string | null
    readonly approved_by: string | null
    readonly at: Date
    readonly mac: string
  }
  readonly policy_trials: {
    /** `trial-<uuid>`. */
    readonly trial_id: string
    readonly digest: string
    readonly state: "running" | "done" | "failed"
    readonly period_from: Date
    readonly period_to: Date
    readonly requested_by: string
    readonly requested_at: Date
    readonly ended_at: Date | null
    readonly total: number
    /** JSON text on the way in. */
    readonly tally: ColumnType<TrialTally, string, string>
  }
  readonly policy_shadows: {
    /** `shadow-<uuid>`. */
    readonly shadow_id: string
    readonly digest: string
    readonly started_by: string
    readonly started_at: Date
    readonly ended_by: string | null
    readonly ended_at: Date | null
  }
  readonly policy_shadow_counts: {
    readonly shadow_id: string
    readonly beside: string
    readonly surface: Surface
    readonly from_decision: string
    readonly to_decision: string
    readonly count: string
  }
}

/** Why a match is disputed. */
export type FalsePositiveReason = (typeof FALSE_POSITIVE_REASONS)[number]

/** How a version stands. */
export type PolicyState = (typeof POLICY_STATES)[number]

/** A finding that shows a move, or that nothing can be told of. */
export interface TrialExample {
  readonly from: Decision
  readonly to?: Decision
  readonly caseId?: string
  readonly itemId?: string
  readonly findingId?: string
}

/** Where a false positive stands. */
export type FalsePositiveState = (typeof FALSE_POSITIVE_STATES)[number]

/** How a version became active: taken in when nothing was, or by an approval by two people. */
export type ActivatedHow = "first" | "activated" | "rolled-back"

/** Why a false positive can never become a false positive. */
export type NotSuppressible = (typeof NOT_SUPPRESSIBLE)[number]

/** Where something is decided: asked by API, or matched again at intake. */
export type Surface = "screen" | "intake"

/** How far one source of past decisions was read. */
export interface TrialCursor {
  readonly read: number
  /** Absent before the first page. */
  readonly last?: { readonly at: string; readonly id: string }
  readonly isDone: boolean
}

/** The tally of a trial. */
export interface TrialTally {
  readonly kept: number
  readonly changed: number
  readonly untold: number
  readonly unreadable: number
  readonly ruleUntold: number
  /** Keys `from to`. */
  readonly moves: Readonly<Record<string, number>>
  readonly rules: Readonly<Record<string, number>>
  readonly untoldRules: Readonly<Record<string, number>>
  readonly examples: readonly TrialExample[]
  readonly leftOut: { readonly beyondLimit: number; readonly unproven: number; readonly exchanges: number }
  readonly cursors: { readonly items: TrialCursor; readonly findings: TrialCursor }
}

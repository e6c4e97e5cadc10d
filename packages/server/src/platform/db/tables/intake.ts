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
    /** Id of the public key; at most one live source for each key. */
    readonly key_id: string
    /** PEM (SPKI, Ed25519). */
    readonly public_key: string
    /** Earlier public keys, PEM, oldest first; `null` if there are none. */
    readonly replaced_keys: readonly string[] | null
    readonly names_accounts: boolean
    /** The dataset's name in reports; without it they do not name the dataset. */
    readonly dataset_name: string | null
    readonly enrolled_by: string
    readonly enrolled_at: Date
    readonly revoked_at: Date | null
    readonly mac: string
  }
}

/** Answers of screenings, returned to repeated calls for a day. */
export interface ScreenTables {
  readonly screen_answers: {
    readonly key_id: string
    /** Keyed digest of the caller's `Idempotency-Key`. */
    readonly repeat_key: string
    /** Keyed digest of the request. */
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
    /** List of the entry; unknown for entries counted before it was stored. */
    readonly list: string | null
  }
  readonly live_indexes: {
    readonly version: number
    readonly live_at: Date
    readonly mac: string
  }
}

/** Received findings and their state. */
export interface IntakeTables {
  readonly received_findings: {
    /** `received-<uuid>`. */
    readonly record_id: string
    /** `source-<uuid>`, or for a screening the key's id if the key has no source. */
    readonly source_id: string
    readonly finding_id: string
    /** Keyed digest of the source's own id of the scan. */
    readonly scan_key: string
    readonly origin: "dataset" | "account" | "direct"
    /** Keyed digest of source and account id; only with origin `account`. */
    readonly account_key: string | null
    readonly decision: string
    readonly claims_match: boolean
    readonly evidence_id: string | null
    readonly ciphertext_sha256: string | null
    /** Digest of the sealed file that the expected one replaces. */
    readonly replaces: string | null
    /** Whether the sealed file is said to contain the content. */
    readonly content: boolean | null
    /** When the sealed file was complete. */
    readonly evidence_at: Date | null
    /** The received finding, encrypted under the source's key; deleted once it is attached to a case. */
    readonly document: Buffer | null
    readonly notes: string[]
    readonly state: "waiting" | "verified" | "denied" | "refused" | "kept"
    readonly code: string | null
    readonly tried_at: Date | null
    /** Index that it was last matched against. */
    readonly index_version: number | null
    readonly received_at: Date
    readonly settled_at: Date | null
    readonly case_id: string | null
    readonly item_id: string | null
    readonly test_only: boolean | null
  }
}

/** False positives of lists' matches. */
export interface FalsePositiveTables {
  readonly false_positives: {
    /** `false-positive-<uuid>`. */
    readonly false_positive_id: string
    readonly list: string
    readonly case_id: string
    readonly item_id: string
    readonly reason: FalsePositiveReason
    readonly state: FalsePositiveState
    /** Why it can never become a known false positive. */
    readonly bar: NotSuppressible | null
    /** Number of the list's entries that the item matched. */
    readonly entries: number
    readonly opened_by: string
    readonly opened_at: Date
    readonly changed_by: string | null
    readonly changed_at: Date | null
    readonly mac: string
  }
  /** Only keyed digests. */
  readonly false_positive_entries: {
    readonly false_positive_id: string
    readonly entry_key: string
    readonly item_key: string
    readonly mac: string
  }
}

/** The last heartbeat of each guard process. */
export interface GuardTables {
  readonly guard_heartbeats: {
    readonly source_id: string
    /** `guard-<uuid>`: one process. */
    readonly instance: string
    readonly state: GuardHeartbeat["state"]
    /** By our own clock, like the next. */
    readonly first_seen_at: Date
    readonly last_seen_at: Date
    /** Written as JSON text. */
    readonly heartbeat: ColumnType<GuardHeartbeat, string, string>
  }
}

/** Reports of sources about scans, hunts and purges. */
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
    /** Written as JSON text. */
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
    /** Written as JSON text. */
    readonly report: ColumnType<SharedHunt | SharedPurge, string, string>
  }
  readonly follow_up_datasets: {
    readonly follow_up_id: string
    readonly source_id: string
    readonly dataset: string
    readonly at: Date
    readonly complete: boolean
    /** Written as JSON text. */
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
    /** Written as JSON text. */
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

/** Why a match is reported as a false positive. */
export type FalsePositiveReason = (typeof FALSE_POSITIVE_REASONS)[number]

/** State of a version. */
export type PolicyState = (typeof POLICY_STATES)[number]

/** A finding that is an example of a move, or that cannot be decided again. */
export interface TrialExample {
  readonly from: Decision
  readonly to?: Decision
  readonly caseId?: string
  readonly itemId?: string
  readonly findingId?: string
}

/** State of a false positive. */
export type FalsePositiveState = (typeof FALSE_POSITIVE_STATES)[number]

/** How a version became active: as the first one, or by an approval. */
export type ActivatedHow = "first" | "activated" | "rolled-back"

/** Why a match can never become a known false positive. */
export type NotSuppressible = (typeof NOT_SUPPRESSIBLE)[number]

/** Where a decision is made: for a call of the API, or at intake. */
export type Surface = "screen" | "intake"

/** How far one source of past decisions was read. */
export interface TrialCursor {
  readonly read: number
  /** Absent before the first page. */
  readonly last?: { readonly at: string; readonly id: string }
  readonly isDone: boolean
}

/** The results of a trial. */
export interface TrialTally {
  readonly unchanged: number
  readonly changed: number
  readonly undecided: number
  readonly unreadable: number
  readonly ruleUndecided: number
  /** Keys are `from to`. */
  readonly moves: Readonly<Record<string, number>>
  readonly rules: Readonly<Record<string, number>>
  readonly undecidedRules: Readonly<Record<string, number>>
  readonly examples: readonly TrialExample[]
  readonly leftOut: { readonly beyondLimit: number; readonly unproven: number; readonly exchanges: number }
  readonly cursors: { readonly items: TrialCursor; readonly findings: TrialCursor }
}

import type { ColumnType, Generated } from "kysely"
import type { TrialTally } from "./trial-tally.ts"
import type { ActivatedHow, PolicyState, Surface } from "./types.ts"

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
    readonly act_id: string | null
    readonly asked_by: string | null
    readonly seconded_by: string | null
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
    readonly asked_by: string
    readonly asked_at: Date
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

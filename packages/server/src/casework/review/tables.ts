import type { RationaleTemplateId } from "@nightlight/contract/server"
import type { Basis, Stage } from "../cases/types.ts"

/** Tables of decisions. */
export interface ReviewTables {
  readonly decisions: {
    readonly decision_id: string
    readonly case_id: string
    readonly stage: Stage
    readonly person_id: string
    readonly basis: Basis
    readonly category: string | null
    readonly danger: boolean
    readonly asks_second: boolean
    readonly annotations: string[]
    readonly given_at: Date
    readonly undone_at: Date | null
    readonly template: RationaleTemplateId | null
    readonly template_locale: string | null
    /** The person's own words, under the case's key, purpose `rationale`. */
    readonly sealed: Buffer | null
  }
  readonly judgements: {
    readonly decision_id: string
    readonly find_id: string
    readonly included: boolean
    readonly classification: string | null
    readonly category: string | null
    readonly annotations: string[]
  }
}

/** Staff. Ties are append-only. */
export interface PeopleTables {
  readonly people: {
    readonly id: string
    readonly name: string
    readonly email: string
    readonly made_at: Date
    readonly made_by: string
    readonly joined_at: Date | null
    readonly deactivated_at: Date | null
    readonly trained_at: Date | null
    readonly renews_at: Date | null
    readonly custody_key_at: Date | null
    readonly mac: string
  }
  readonly person_roles: {
    readonly person_id: string
    readonly role: string
    readonly granted_at: Date
    readonly asked_by: string
    readonly seconded_by: string
    readonly mac: string
  }
  readonly person_ties: {
    readonly by_id: string
    readonly person_id: string
    readonly kind: string
    readonly at: Date
    readonly mac: string
  }
  /** One row. */
  readonly setup: {
    readonly one: boolean
    readonly first_id: string | null
    readonly second_id: string | null
    readonly complete_at: Date | null
    /** Empty until set-up begins. */
    readonly mac: string
  }
}

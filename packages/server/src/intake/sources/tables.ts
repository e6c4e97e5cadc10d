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

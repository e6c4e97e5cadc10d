/** Keys of services. */
export interface KeyTables {
  readonly service_keys: {
    readonly id: string
    readonly name: string
    readonly token_sha256: string
    readonly scopes: string[]
    readonly source: string | null
    readonly made_by: string
    readonly made_at: Date
    readonly expires_at: Date
    readonly revoked_at: Date | null
    readonly used_at: Date | null
    readonly replaced_by: string | null
    readonly overlap_ends_at: Date | null
    readonly mac: string
  }
}

/** Tables of looks. */
export interface LookTables {
  readonly looks: {
    readonly look_id: string
    readonly person_id: string
    readonly case_id: string
    readonly find_id: string
    readonly evidence_id: string
    readonly grant_id: string
    readonly purpose: "derivative" | "original"
    readonly reason: string
    readonly requested_at: Date
    readonly shown_at: Date | null
    readonly ended_at: Date | null
    readonly failed: boolean
    readonly attested_at: Date | null
    readonly exif_viewed: boolean | null
  }
}

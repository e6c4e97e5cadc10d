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

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
    readonly find_id: string | null
    readonly test_only: boolean | null
  }
}

/**
 * Which tables hold rows that give power, and which of their columns no MAC covers. Every other column is sealed: a
 * column that a later version adds is sealed automatically, and earlier rows stay valid as long as it is null.
 * @module
 */

/** How rows of a table are sealed. */
export interface Sealing {
  /** Columns that identify a row. */
  readonly id: readonly string[]
  /** Columns that the MAC does not cover; a comment says why changing them gains nothing. */
  readonly open?: readonly string[]
  /** Columns of JSON, which are written as text and read as values. */
  readonly json?: readonly string[]
}

/** Every table with a MAC in each row. `id`: columns of the key; `open`: columns that the MAC leaves out. */
export const SEALED_TABLES = {
  // Last use, at most a minute old: it ends an idle session, which `expires_at` ends at the latest.
  sessions: { id: ["id"], open: ["seen_at"] },
  // Last use, for people to read.
  passkeys: { id: ["credential_id"], open: ["used_at"] },
  // Last use, for people to read.
  service_keys: { id: ["id"], open: ["used_at"] },
  people: { id: ["id"] },
  person_roles: { id: ["person_id", "role"] },
  person_relations: { id: ["by_id", "person_id", "kind", "at"] },
  // The last accepted code: lowering it lets a code be used again within its minute, with the password.
  credentials: { id: ["person_id"], open: ["totp_last_step"] },
  identities: { id: ["issuer", "subject"] },
  sign_in_links: { id: ["id"] },
  setup: { id: ["one"] },
  break_glass: { id: ["id"] },
  sources: { id: ["source_id"] },
  approvals: { id: ["id"], json: ["payload", "grant_json", "request_proof", "approval_proof"] },
  preservations: { id: ["evidence_id"] },
  holds: { id: ["hold_id"] },
  le_requests: { id: ["request_id"] },
  le_request_cases: { id: ["request_id", "case_id"] },
  original_requests: { id: ["id"], json: ["grant_json"] },
  filing_authorisations: { id: ["authorisation_id"], json: ["document", "proofs"] },
  policies: { id: ["digest"] },
  // The database assigns its number.
  policy_activations: { id: ["digest", "at"], open: ["seq"] },
  live_indexes: { id: ["version"] },
  false_positives: { id: ["false_positive_id"] },
  false_positive_entries: { id: ["false_positive_id", "entry_key"] },
} as const satisfies Readonly<Record<string, Sealing>>

/** Name of a sealed table. */
export type SealedTable = keyof typeof SEALED_TABLES

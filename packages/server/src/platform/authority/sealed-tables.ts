/**
 * Which tables hold rows that give power, and what of them no code speaks for. Every other column is sealed: one that a
 * later version adds is so by itself, and rows from before it stay good as long as it is null.
 * @module
 */

/** How rows of a table are sealed. */
export interface Sealing {
  /** Columns that name a row. */
  readonly id: readonly string[]
  /** Columns that the code leaves out; a comment says why somebody who changes them gains nothing. */
  readonly open?: readonly string[]
  /** Columns of JSON, which are written as text and read as values. */
  readonly json?: readonly string[]
}

/** Every sealed table. */
export const SEALED_TABLES = {
  // Last use, at most a minute old: it ends an idle session, which `expires_at` ends at the latest.
  sessions: { id: ["id"], open: ["seen_at"] },
  // Last use, for people to read.
  passkeys: { id: ["credential_id"], open: ["used_at"] },
  // Last use, for people to read.
  service_keys: { id: ["id"], open: ["used_at"] },
  people: { id: ["id"] },
  person_roles: { id: ["person_id", "role"] },
  person_ties: { id: ["by_id", "person_id", "kind", "at"] },
  // The last code that was taken: whoever lowers it can use a code again within its minute, beside the password.
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
  // Its number is the database's own.
  policy_activations: { id: ["digest", "at"], open: ["seq"] },
  live_indexes: { id: ["version"] },
  false_positives: { id: ["false_positive_id"] },
  false_positive_entries: { id: ["false_positive_id", "entry_key"] },
} as const satisfies Readonly<Record<string, Sealing>>

/** Name of a sealed table. */
export type SealedTable = keyof typeof SEALED_TABLES

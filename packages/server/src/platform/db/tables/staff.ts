import type { ThemeName } from "@nightlight/contract/server"
import type { Generated } from "kysely"

/** Tables of sign-in: links, credentials, passkeys, sessions. */
export interface SignInTables {
  readonly sign_in_links: {
    readonly id: string
    readonly kind: string
    readonly person_id: string | null
    readonly stage: string
    /** Digest of the token for the next step: the link's own, then the enrolment's. */
    readonly token_sha256: string
    /** Sealed: what was entered so far. */
    readonly draft: Buffer | null
    readonly made_at: Date
    readonly made_by: string
    readonly expires_at: Date
    readonly mac: string
  }
  readonly joining_codes: {
    readonly person_id: string
    /** Sealed: the code's digest and its end. */
    readonly sealed: Buffer
    readonly made_at: Date
  }
  readonly credentials: {
    readonly person_id: string
    /** `credential-<uuid>`, a new one with each change: the log names the valid one. */
    readonly id: string
    /** Hash with its parameters. */
    readonly password: string
    /** Sealed secret of the authenticator. */
    readonly totp: Buffer
    /** Step of the last accepted code; neither it nor an earlier one is accepted again. */
    readonly totp_last_step: string
    readonly set_at: Date
    readonly mac: string
  }
  readonly identities: {
    readonly issuer: string
    readonly subject: string
    readonly person_id: string
    /** `identity-<uuid>`: the log names the valid one. */
    readonly id: string
    readonly bound_at: Date
    readonly mac: string
  }
  readonly sessions: {
    readonly id: string
    readonly token_sha256: string
    readonly person_id: string
    readonly method: string
    readonly started_at: Date
    readonly seen_at: Date
    readonly expires_at: Date
    readonly proved_at: Date | null
    readonly ended_at: Date | null
    readonly after_ending: string | null
    readonly mac: string
  }
  readonly passkeys: {
    /** Base64url. */
    readonly credential_id: string
    readonly person_id: string
    /** Uncompressed P-256 point, base64url. */
    readonly public_key: string
    readonly name: string
    readonly counter: string
    readonly made_at: Date
    readonly used_at: Date | null
    readonly mac: string
  }
  readonly passkey_challenges: {
    readonly nonce_sha256: string
    readonly used_at: Date
  }
  readonly sign_in_throttles: {
    readonly key: string
    readonly attempts: number
    readonly blocked_until: Date
    readonly last_at: Date
  }
  readonly break_glass: {
    readonly id: string
    readonly kind: string
    readonly person_id: string | null
    readonly name: string | null
    readonly email: string | null
    readonly requested_at: Date
    readonly opens_at: Date
    readonly state: string
    readonly decided_at: Date | null
    readonly decided_by: string | null
    readonly mac: string
  }
}

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
    readonly requested_by: string
    readonly approved_by: string
    readonly mac: string
  }
  readonly person_relations: {
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

/** Keys of services. */
export interface KeyTables {
  readonly service_keys: {
    readonly id: string
    readonly name: string
    readonly token_sha256: string
    readonly scopes: string[]
    readonly source: string | null
    readonly calls_per_minute: number
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

/** Approvals. */
export interface ApprovalTables {
  readonly approvals: {
    readonly id: string
    readonly kind: string
    readonly subject: string
    /** JSON. */
    readonly payload: unknown
    readonly state: string
    readonly requested_by: string
    readonly requested_at: Date
    readonly expires_at: Date
    readonly decided_by: string | null
    readonly decided_at: Date | null
    readonly decline_reason: string | null
    /** JSON of the grant for the custodian. */
    readonly grant_json: unknown
    /** JSON of a signature with its time and key. */
    readonly request_proof: unknown
    readonly approval_proof: unknown
    readonly mac: string
  }
  readonly approval_keys: {
    readonly person_id: string
    readonly key_id: string
    readonly public_key: string
    readonly pinned_at: Date
  }
}

/** Alarms; one open row for each code and subject. */
export interface AlarmTables {
  readonly alarms: {
    readonly id: string
    readonly code: string
    readonly subject: string
    /** JSON: ids, codes and counts. */
    readonly data: unknown
    readonly raised_at: Date
    readonly last_at: Date
    readonly times: number
    readonly acknowledged_at: Date | null
    readonly acknowledged_by: string | null
  }
}

/** Pager calls. */
export interface PagerTables {
  readonly pager_calls: {
    readonly call_id: string
    readonly code: PagerCode
    readonly subject: string
    readonly state: PagerCallState
    readonly at: Date
    readonly tries: number
    readonly fault: string | null
    readonly accepted_at: Date | null
  }
}

/** People's own preferences. */
export interface PreferenceTables {
  readonly preferences: {
    readonly person_id: string
    readonly tour_done: Generated<boolean>
    readonly theme: Generated<ThemeName>
    readonly size_px: number | null
    readonly blur_px: number | null
    readonly hide_after_seconds: number | null
    readonly opt_out_categories: Generated<readonly string[]>
  }
}

/** Why a person is paged. */
export type PagerCode = "imminent-danger" | "custodian-doubted" | "custodian-locked" | "custodian-unreachable"

/**
 * State of a pager call. `none`: no pager was set up, nobody was paged; `queued`: not tried yet; `failing`: tried, and
 * not accepted so far; `accepted`: a pager accepted it.
 */
export type PagerCallState = "none" | "queued" | "failing" | "accepted"

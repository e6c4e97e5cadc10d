/** How staff sign in. */
export interface SignInTables {
  readonly sign_in_links: {
    readonly id: string
    readonly kind: string
    readonly person_id: string | null
    readonly stage: string
    /** Of the token that takes the next step: the link's own, then the enrolment's. */
    readonly token_sha256: string
    /** Sealed: what was given so far. */
    readonly draft: Buffer | null
    readonly made_at: Date
    readonly made_by: string
    readonly expires_at: Date
    readonly mac: string
  }
  readonly joining_codes: {
    readonly person_id: string
    /** Sealed: the code's digest and when it ends. */
    readonly sealed: Buffer
    readonly made_at: Date
  }
  readonly credentials: {
    readonly person_id: string
    /** `credential-<uuid>`, another one with each change: the log names the one that counts. */
    readonly id: string
    /** Hash with its parameters. */
    readonly password: string
    /** Sealed secret of the authenticator. */
    readonly totp: Buffer
    /** Step of the last code that was taken; no code of it or of one before is taken again. */
    readonly totp_last_step: string
    readonly set_at: Date
    readonly mac: string
  }
  readonly identities: {
    readonly issuer: string
    readonly subject: string
    readonly person_id: string
    /** `identity-<uuid>`: the log names the one that counts. */
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
    readonly asked_at: Date
    readonly opens_at: Date
    readonly state: string
    readonly decided_at: Date | null
    readonly decided_by: string | null
    readonly mac: string
  }
}

/** Where passkeys are used: the names that browsers and authenticators put under what they sign. */
export interface RelyingParty {
  /** A host name, such as `nightlight.example`; browsers refuse an IP address. */
  readonly rpId: string
  /** Origins whose pages may ask; none stands for `http://localhost` on any port. */
  readonly origins: readonly string[]
}

/** Why an assertion or a registration is not believed. */
export type PasskeyFault =
  /** Not of the form that browsers and authenticators give. */
  | "malformed"
  /** A registration in place of an assertion, or the reverse. */
  | "other-ceremony"
  /** Over something else. */
  | "other-challenge"
  /** From another page, or from a frame in one. */
  | "other-origin"
  /** For another host. */
  | "other-rp-id"
  /** The signature is not this key's over these bytes. */
  | "signature-wrong"
  /** Nobody touched the authenticator, or it did not verify by PIN or biometrics who did. */
  | "not-verified"

/** The relying party of passkeys: the names in what browsers and authenticators sign. */
export interface RelyingParty {
  /** A host name, such as `nightlight.example`; browsers refuse an IP address. */
  readonly rpId: string
  /** Origins whose pages may ask; an empty list means `http://localhost` on any port. */
  readonly origins: readonly string[]
}

/** Why an assertion or a registration is not accepted. */
export type PasskeyFault =
  /** Not in the form of browsers and authenticators. */
  | "malformed"
  /** A registration instead of an assertion, or the reverse. */
  | "other-ceremony"
  /** For another challenge. */
  | "other-challenge"
  /** From another page, or from a frame in one. */
  | "other-origin"
  /** For another host. */
  | "other-rp-id"
  /** The signature is not by this key over these bytes. */
  | "signature-wrong"
  /** Nobody touched the authenticator, or it did not verify them by PIN or biometrics. */
  | "not-verified"

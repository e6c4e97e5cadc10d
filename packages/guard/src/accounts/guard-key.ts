/** A key that may call. */
export interface GuardKey {
  /** The operator's name for it. */
  readonly id: string
  /** SHA-256 of the key, lower-case hexadecimal; the key itself is stored nowhere. */
  readonly sha256: string
  readonly trusted: boolean
  /** ISO 8601; the key is refused afterwards. */
  readonly expires?: string
  /**
   * The secret, read from its file, with which this caller signs headers about end users; without it the caller may
   * send none.
   */
  readonly headerSecret?: Uint8Array
}

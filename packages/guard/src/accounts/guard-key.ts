/** A key that may call. */
export interface GuardKey {
  /** The operator's name for it. */
  readonly id: string
  /** SHA-256 of the key, lower-case hexadecimal: the key itself is nowhere. */
  readonly sha256: string
  readonly trusted: boolean
  /** ISO 8601; refused afterwards. */
  readonly expires?: string
  /** Secret under which this caller signs headers about end users, by its file; absent: it may send none. */
  readonly headerSecret?: Uint8Array
}

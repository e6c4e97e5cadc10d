/**
 * Who calls, and for whom. Nothing here comes from a body: only from the caller's own key and its signed headers.
 * @module
 */

/** The key that a call was made with. */
export interface Caller {
  /** The operator's name for the key. */
  readonly id: string
  /** Whether it may know that a check was unavailable, and may add signed headers about an end user. */
  readonly trusted: boolean
}

/** What a trusted caller's signed headers said of the end user. Stripped before the upstream. */
export interface EndUser {
  /** The operator's own opaque id. */
  readonly id: string
  readonly ip?: string
  /** 0 to 65,535. */
  readonly port?: number
  /** When the end user acted, ISO 8601. */
  readonly at?: string
  readonly conversation?: string
  readonly ageBand?: AgeBand
}

/** `minor` and `unknown_young` are treated alike: the stricter way. */
export type AgeBand = "adult" | "minor" | "unknown_young" | "unknown"

/** What an end user did here, under a keyed digest of the account. */
export interface AccountRecord {
  /** Keyed digest of the end user's id, hexadecimal. */
  readonly account: string
  readonly conversation?: string
  readonly ageBand: AgeBand
  /** Blocks with decay, from 0. */
  readonly heat: number
  /** What the ladder says now: `suspended` is refused before any check. */
  readonly step: "none" | "warned" | "throttled" | "suspended"
}

/** The end user that signed headers name. */
export interface NamedAccount {
  readonly user: EndUser
  readonly record: AccountRecord
  /** Keyed digest of the call: a retry has the same. */
  readonly call?: string
}

/** Keeps account records. */
export interface Accounts {
  /**
   * Reads the record of the end user that signed headers name; absent where none is named.
   *
   * @param headers - lower-case names.
   * @throws {GuardRefusal} `end_user_invalid` where the headers are there and not signed by this caller's secret, stale or replayed.
   */
  read(
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    caller: Caller,
  ): NamedAccount | undefined
  /**
   * Counts a block; the same call counts once. Never throws.
   *
   * @param call - {@link NamedAccount.call} where the record comes from another process.
   */
  blocked(record: AccountRecord, exchange: string, call?: string): void
}

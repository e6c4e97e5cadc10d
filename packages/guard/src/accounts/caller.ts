/**
 * The caller, and the end user that it calls for. Nothing here comes from a body: only from the caller's own key and
 * its signed headers.
 * @module
 */

/** The key that a call was made with. */
export interface Caller {
  /** The operator's name for the key. */
  readonly id: string
  /** Whether the caller may learn that a check was unavailable, and may send signed headers about an end user. */
  readonly trusted: boolean
}

/** An end user, as named in a trusted caller's signed headers. The guard removes these headers before the upstream. */
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

/** `minor` and `unknown_young` are treated alike, under the stricter rules. */
export type AgeBand = "adult" | "minor" | "unknown_young" | "unknown"

/** An end user's record at this guard, under a keyed digest of the account. */
export interface AccountRecord {
  /** Keyed digest of the end user's id, hexadecimal. */
  readonly account: string
  readonly conversation?: string
  readonly ageBand: AgeBand
  /** Number of blocks, decaying with time, from 0. */
  readonly heat: number
  /** The current rung of the ladder: `suspended` is refused before any check. */
  readonly step: "none" | "warned" | "throttled" | "suspended"
}

/** The end user that signed headers name. */
export interface NamedAccount {
  readonly user: EndUser
  readonly record: AccountRecord
  /** Keyed digest of the call; a retry has the same one. */
  readonly call?: string
}

/** Keeps account records. */
export interface Accounts {
  /**
   * Reads the record of the end user that the signed headers name; undefined where they name none.
   *
   * @param headers - lower-case names.
   * @throws {GuardRefusal} `end_user_invalid` where the headers are not signed with this caller's secret, stale or
   * replayed.
   */
  read(
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    caller: Caller,
  ): NamedAccount | undefined
  /**
   * Counts a block; one call counts once. Never throws.
   *
   * @param call - {@link NamedAccount.call} where the record comes from another process.
   */
  blocked(record: AccountRecord, exchange: string, call?: string): void
}

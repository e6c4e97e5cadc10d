/**
 * What every hash exchange is to the rest: a place whose changes are fetched from a checkpoint on.
 * @module
 */
import type { BadRecord, HashRecord, HashType } from "@nightlight/core"

/** How far an exchange was read. Stored by the caller with what the pages before it brought. */
export interface ExchangeCheckpoint {
  /** ISO 8601 in UTC: every change up to here was given out. Never moves back, except when all is fetched anew. */
  readonly until: string
  /** The client's own, at most 4,096 characters; unknown to the caller. */
  readonly state?: string
}

/** A hash of a type that Nightlight does not match, such as PhotoDNA. */
export interface ForeignHash {
  /** The exchange's own token, in lower case. */
  readonly type: string
  /** As given, at most 1,024 characters; absent where the exchange keeps it apart because it is large. */
  readonly text?: string
}

/** What the exchange's members say of an entry. */
export interface EntryVotes {
  /** Members that confirm it. */
  readonly affirmative: number
  /** Members that dispute it. */
  readonly negative: number
  /** Why they dispute it, in the exchange's words; at most eight. */
  readonly reasons: readonly string[]
}

/** An entry as it is now. It replaces what was known under its key. */
export interface ExchangeEntry {
  /** The exchange's key, unique in it. */
  readonly key: string
  /** ISO 8601 in UTC, of the newest change. */
  readonly modifiedAt: string
  /** Its hashes that Nightlight matches; may be none. */
  readonly records: readonly HashRecord[]
  readonly foreign: readonly ForeignHash[]
  /** Absent where the exchange states none. */
  readonly votes?: EntryVotes
  /** What else the exchange says of it, by the exchange's names; at most 16, of at most 256 characters each. */
  readonly fields: Readonly<Record<string, string>>
}

/** A change of an entry. */
export type EntryChange =
  | { readonly change: "present"; readonly entry: ExchangeEntry }
  /** Withdrawn. The key may never have been present. */
  | { readonly change: "gone"; readonly key: string; readonly modifiedAt: string }

/** Some changes, in the order in which the exchange gave them out, which may not be that of time. */
export interface ExchangePage {
  readonly changes: readonly EntryChange[]
  /** Entries and hashes that could not be read and were left out, by reason. */
  readonly malformed: Readonly<Partial<Record<BadRecord["reason"], number>>>
  /** The span of time whose changes are being read, ISO 8601 in UTC. */
  readonly window: { readonly from: string; readonly to: string }
  /** Whether everything is fetched anew: what was not given out when `caughtUp` is true is no longer there. */
  readonly full: boolean
  /** Whether the exchange has nothing further for now. */
  readonly caughtUp: boolean
  /** To store together with the changes. */
  readonly checkpoint: ExchangeCheckpoint
}

/** A vote on an entry, to give back. */
export interface EntryVote {
  readonly key: string
  readonly hashType: HashType
  readonly verdict: "affirmative" | "negative"
  /** Ids of the exchange's reasons; at least one for a negative vote. */
  readonly reasonIds?: readonly string[]
}

/** A connection to one exchange. */
export interface Exchange {
  /**
   * Fetches changes from a checkpoint on, or everything where there is none. Stop anywhere; continue from the last
   * page's checkpoint.
   *
   * @throws {RequestError} `credentials_refused`; `state_conflict` when the checkpoint is later than the exchange's time.
   * @throws {DependencyError} `unavailable`, with `retryAfterSeconds` in its details where the exchange asks to wait;
   * `timed_out`; `answer_malformed` for a page that cannot be read, leads elsewhere or repeats itself.
   */
  fetch(
    checkpoint: ExchangeCheckpoint | undefined,
    options?: FetchOptions,
  ): AsyncGenerator<ExchangePage, void, undefined>
  /** Calls the exchange with the credentials and changes nothing. @throws as `fetch`. */
  check(options?: FetchOptions): Promise<void>
  /**
   * Votes on an entry. A repeated vote replaces the one before.
   *
   * @throws {RequestError} `input_invalid` for a vote that the exchange has no form for; `not_found` for an entry that it
   * does not have; `credentials_refused`.
   * @throws {DependencyError} as `fetch`.
   */
  vote?(vote: EntryVote, options?: FetchOptions): Promise<void>
  /** Closes all connections. */
  close(): Promise<void>
}

/** Cancellation of a call. */
export interface FetchOptions {
  readonly signal?: AbortSignal
}

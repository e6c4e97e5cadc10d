/**
 * Counts the distinct items that each list entry has matched. An entry that matches many is broken or was poisoned, and
 * nothing is filed on it without a person. Entries are stored as keyed digests, so that the tables hold nothing of a
 * list's content.
 * @module
 */
import type { Match } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { countBroadEntries, findBroadEntries, noteEntries } from "./entry-store.ts"

/** Distinct items that one list entry may match before nothing is filed on it without a person. */
export const MAX_ITEMS_OF_ENTRY = 20

/** Counts the distinct items that each list entry matched, since an entry that matches too many may be wrong. */
export interface EntryWatch {
  /** Records the entries that an item matched, in the transaction that attaches it. */
  note(tx: EventTransaction, caseItem: { readonly itemKey: string; readonly matches: readonly Match[] }): Promise<void>
  /** Keyed digests of those entries among some matches that have matched more items than one entry may. */
  broadAmong(db: Kysely<Tables>, matches: readonly Match[]): Promise<readonly string[]>
  /** Number of entries of each list that have matched more items than one entry may; lists without any are left out. */
  broadByList(): Promise<ReadonlyMap<string, number>>
}

/** Dependencies of {@link createEntryWatch}. */
export interface EntryWatchDeps {
  readonly db: Kysely<Tables>
  readonly digests: KeyedDigest
}

/** Keeps keyed digests of entry and item, so that the database names neither. Entries of test lists are not counted. */
export function createEntryWatch({ db, digests }: EntryWatchDeps): EntryWatch {
  /** Lists of the matched entries, by the entries' keyed digests. */
  const listsOf = (matches: readonly Match[]): ReadonlyMap<string, string> =>
    new Map(
      matches
        .filter(({ trust }) => trust !== "test")
        .map(({ list, entryId, snapshot, entry }) => {
          const name = `${list}\n${entryId ?? `${snapshot}:${entry}`}`
          return [digests.of("list-entry", name), list]
        }),
    )
  return {
    broadAmong: (from, matches) => findBroadEntries(from, [...listsOf(matches).keys()], MAX_ITEMS_OF_ENTRY),
    note: ({ trx }, { itemKey, matches }) => noteEntries(trx, listsOf(matches), itemKey),
    broadByList: async () =>
      new Map((await countBroadEntries(db, MAX_ITEMS_OF_ENTRY)).map((row) => [row.list, row.entries])),
  }
}

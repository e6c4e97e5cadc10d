/**
 * How many distinct items each list entry has matched. One that matches many is broken or was poisoned, and nothing is
 * filed on it without a person. Entries are known by keyed digests: what a list holds stays out of the tables.
 * @module
 */
import type { Match } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault"
import type { Change } from "../events/change.ts"
import { noteEntries } from "./store.ts"

/** Counts what is taken in. */
export interface EntryWatch {
  /** Notes the entries that a find matched, in the change that takes it in. */
  note(change: Change, find: { readonly itemKey: string; readonly matches: readonly Match[] }): Promise<void>
  /** Keyed digests of the entries, each once. */
  keysOf(matches: readonly Match[]): readonly string[]
}

/** Makes the watch. */
export function createEntryWatch({ digests }: { readonly digests: KeyedDigest }): EntryWatch {
  const keysOf = (matches: readonly Match[]): readonly string[] => {
    const names = matches
      .filter(({ trust }) => trust !== "test")
      .map(({ list, entryId, snapshot, entry }) => `${list}\n${entryId ?? `${snapshot}:${entry}`}`)
    return [...new Set(names)].map((name) => digests.of("list-entry", name))
  }
  return {
    keysOf,
    note: ({ trx }, { itemKey, matches }) => noteEntries(trx, keysOf(matches), itemKey),
  }
}

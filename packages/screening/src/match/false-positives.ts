/**
 * Pairs of a list's entry and an item that a person found to be different pictures.
 * @module
 */
import { type HashType, RequestError } from "@nightlight/core"
import type { FalsePositive } from "../ports.ts"

/** Looks up recorded false positives. */
export interface FalsePositiveLookup {
  /** Whether any pair names this item; if not, no entry's hash need be looked up. */
  hasItem(sha256: string): boolean
  has(pair: FalsePositive): boolean
}

/** An immutable list of false positives. The caller decides who may add to it, and how many people that takes. */
export interface FalsePositiveList extends FalsePositiveLookup {
  readonly size: number
  /** All pairs, ordered by list, entry and item, so that the same pairs are always written the same way. */
  records(): readonly FalsePositive[]
  /** A list with one more pair. */
  withAdded(pair: FalsePositive): FalsePositiveList
  /** A list without a pair. */
  withRemoved(pair: FalsePositive): FalsePositiveList
}

/** Hash types whose hits a false positive can suppress: a SHA hit is exact and always counts. */
export const SUPPRESSIBLE: ReadonlySet<HashType> = new Set(["md5", "pdq", "url"])

/**
 * Makes a list from records; the caller reads and writes them.
 *
 * A pair suppresses the PDQ, MD5 or address hits of one list's entry on one item, never a SHA-1 or SHA-256 hit. A pair names the
 * entry by its hash, so that it survives the list's next snapshot.
 *
 * @throws {RequestError} `input_invalid` if a record is malformed; `record` in its details is its number from 1.
 */
export function createFalsePositiveList(records: Iterable<FalsePositive>): FalsePositiveList {
  const pairsByItem = new Map<string, Map<string, FalsePositive>>()
  let number = 0
  for (const record of records) {
    number += 1
    assertPair(record, number)
    const pairs = pairsByItem.get(record.sha256) ?? new Map<string, FalsePositive>()
    pairsByItem.set(record.sha256, pairs.set(keyOf(record), record))
  }
  const all = [...pairsByItem.values()].flatMap((pairs) => [...pairs.values()]).sort(byPair)

  return {
    size: all.length,
    hasItem: (sha256) => pairsByItem.has(sha256),
    has: (pair) => pairsByItem.get(pair.sha256)?.has(keyOf(pair)) ?? false,
    records: () => all,
    withAdded: (pair) => createFalsePositiveList([...all, pair]),
    withRemoved: (pair) => createFalsePositiveList(all.filter((other) => byPair(other, pair) !== 0)),
  }
}

function assertPair(record: FalsePositive, number: number): void {
  const { list, entryHash, sha256 } = record
  const sound =
    typeof list === "string" &&
    list !== "" &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    // MD5 has 32 digits, PDQ 64; no pair is ever made for a SHA-1 (40).
    /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/.test(entryHash)
  if (!sound) {
    throw new RequestError(
      "input_invalid",
      "expected a list's name, an entry's MD5 or PDQ hash, and an item's SHA-256",
      {
        details: { record: number },
      },
    )
  }
}

function keyOf({ list, entryHash }: FalsePositive): string {
  return `${entryHash} ${list}`
}

function byPair(a: FalsePositive, b: FalsePositive): number {
  return compare(a.list, b.list) || compare(a.entryHash, b.entryHash) || compare(a.sha256, b.sha256)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Known false positives: entries that our own screening ignores for one item, because two people approved it.
 * @module
 */
import type { FalsePositiveLookup } from "@nightlight/screening"
import type { KeyedDigest } from "@nightlight/vault"
import type { Kysely, Transaction } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { entryKey, itemKey } from "./find-entries.ts"
import { acceptedOf, lockFalsePositives } from "./store.ts"

/** Accepted false positives, by the SHA-256 of the item. */
export interface KnownFalsePositives {
  /**
   * Known false positives of one item, read now. For any other item the lookup knows none.
   *
   * @param sha256 - Of the item; empty if nobody could digest it.
   */
  of(sha256: string): Promise<FalsePositiveLookup>
  /** As {@link of}; none of them can end before the transaction does. */
  heldOf(trx: Transaction<Tables>, sha256: string): Promise<FalsePositiveLookup>
}

/** Ignores no match. */
const NO_FALSE_POSITIVES: FalsePositiveLookup = { hasItem: () => false, has: () => false }

/** Looks them up in the database, so that an approval applies to the next item, in every process. */
export function createKnownFalsePositives({
  db,
  digests,
}: {
  readonly db: Kysely<Tables>
  readonly digests: KeyedDigest
}): KnownFalsePositives {
  const readOf = async (from: Kysely<Tables>, sha256: string): Promise<FalsePositiveLookup> => {
    const rows = sha256 === "" ? [] : await acceptedOf(from, itemKey(digests, sha256))
    if (rows.length === 0) return NO_FALSE_POSITIVES
    const pairs = new Set(rows.map((row) => `${row.list} ${row.entryKey}`))
    return {
      hasItem: (other) => other === sha256,
      has: (pair) =>
        pair.sha256 === sha256 && pairs.has(`${pair.list} ${entryKey(digests, pair.list, pair.entryHash)}`),
    }
  }
  return {
    of: (sha256) => readOf(db, sha256),
    heldOf: async (trx, sha256) => {
      await lockFalsePositives(trx)
      return readOf(trx, sha256)
    },
  }
}

/**
 * A lookup for an item that is not digested yet: it knows none before it receives the item's SHA-256. If they cannot be
 * read, no match is ignored.
 */
export function falsePositivesLater(known: KnownFalsePositives): {
  readonly lookup: FalsePositiveLookup
  learn(sha256: string): Promise<void>
} {
  let learned = NO_FALSE_POSITIVES
  return {
    lookup: { hasItem: (sha256) => learned.hasItem(sha256), has: (pair) => learned.has(pair) },
    learn: async (sha256) => {
      learned = await known.of(sha256).catch(() => NO_FALSE_POSITIVES)
    },
  }
}

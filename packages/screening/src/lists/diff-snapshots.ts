import type { HashType } from "@nightlight/core"
import type { ListEntries } from "./list-entries.ts"
import type { OpenSnapshot } from "./open-snapshot.ts"
import { compareRecords, HASH_AT, HASH_BYTES, RECORD_BYTES, typeAt } from "./record-layout.ts"

/** A hash that is in only one of two snapshots. */
export interface SnapshotChange {
  /** `added`: only in the newer one; `withdrawn`: only in the older one. */
  readonly change: "added" | "withdrawn"
  readonly hashType: HashType
  /** Bytes of the type's length; owned by the caller. */
  readonly hash: Uint8Array
  /**
   * Ordinal of its entry in that snapshot; a hash with several categories has one entry for each, and each is yielded.
   */
  readonly entry: number
}

/**
 * Compares two snapshots of a list by type and hash, reading each once, in order. A new category or id of an existing
 * hash is not a change.
 *
 * @param older - absent where there was none: every entry is then added.
 * @returns changes ascending by type and hash.
 * @throws {IntegrityError} `snapshot_untrusted` when a file can no longer be read.
 */
export function* diffSnapshots(
  older: OpenSnapshot | undefined,
  newer: OpenSnapshot,
): Generator<SnapshotChange, void, undefined> {
  const before = new Cursor(older?.entries)
  const after = new Cursor(newer.entries)
  while (before.more || after.more) {
    const order = !before.more ? 1 : !after.more ? -1 : compareRecords(before.bytes, before.at, after.bytes, after.at)
    if (order < 0) yield* before.group("withdrawn")
    else if (order > 0) yield* after.group("added")
    else {
      before.skipGroup()
      after.skipGroup()
    }
  }
}

class Cursor {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  more = true
  #ordinal = -1
  readonly #chunks: Iterator<Buffer>
  readonly #key = new Uint8Array(RECORD_BYTES)

  constructor(entries: ListEntries | undefined) {
    this.#chunks = (entries?.allChunks() ?? [])[Symbol.iterator]()
    this.at = -RECORD_BYTES
    this.#advance()
  }

  /** Yields the records with the current hash and moves past them. */
  *group(change: SnapshotChange["change"]): Generator<SnapshotChange, void, undefined> {
    this.#markGroup()
    while (this.#inGroup()) {
      const hashType = typeAt(this.bytes, this.at)
      if (hashType !== undefined) {
        const start = this.at + HASH_AT
        yield { change, hashType, hash: this.bytes.slice(start, start + HASH_BYTES[hashType]), entry: this.#ordinal }
      }
      this.#advance()
    }
  }

  /** Moves past the records with the current hash. */
  skipGroup(): void {
    this.#markGroup()
    while (this.#inGroup()) this.#advance()
  }

  #markGroup(): void {
    this.#key.set(this.bytes.subarray(this.at, this.at + RECORD_BYTES))
  }

  #inGroup(): boolean {
    return this.more && compareRecords(this.#key, 0, this.bytes, this.at) === 0
  }

  #advance(): void {
    this.#ordinal++
    this.at += RECORD_BYTES
    if (this.at < this.bytes.length) return
    const next = this.#chunks.next()
    this.more = next.done !== true
    if (next.done) return
    this.bytes = next.value
    this.at = 0
  }
}

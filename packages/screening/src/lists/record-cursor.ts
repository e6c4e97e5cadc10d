/**
 * Reads the records of a list in the order of type and hash, over all of its segments.
 * @module
 */
import type { HashType } from "@nightlight/core"
import type { ListSegment } from "./list-entries.ts"
import { compareRecords, HASH_AT, HASH_BYTES, RECORD_BYTES, typeAt } from "./record-layout.ts"

/** A record with its place in the list. */
export interface PlacedRecord {
  readonly hashType: HashType
  /** Bytes of the type's length; owned by the caller. */
  readonly hash: Uint8Array
  /** Ordinal in the list. */
  readonly ordinal: number
}

/** A position among the records of several sorted segments. */
export class RecordCursor {
  readonly #segments: readonly SegmentCursor[]
  readonly #key = new Uint8Array(RECORD_BYTES)
  #current: SegmentCursor | undefined

  constructor(segments: readonly ListSegment[]) {
    this.#segments = segments.map((segment) => new SegmentCursor(segment))
    this.#choose()
  }

  /** Whether there is a current record. */
  get more(): boolean {
    return this.#current !== undefined
  }

  /** Bytes that hold the current record, from {@link at} on. */
  get bytes(): Uint8Array {
    return this.#current?.bytes ?? this.#key
  }

  get at(): number {
    return this.#current?.at ?? 0
  }

  /** Yields the records with the current hash, and moves past them. */
  *takeHash(): Generator<PlacedRecord, void, undefined> {
    this.#markHash()
    while (this.#isAtHash()) {
      const hashType = typeAt(this.bytes, this.at)
      const start = this.at + HASH_AT
      const ordinal = this.#current?.ordinal ?? 0
      if (hashType !== undefined) {
        yield { hashType, hash: this.bytes.slice(start, start + HASH_BYTES[hashType]), ordinal }
      }
      this.#advance()
    }
  }

  /** Moves past the records with the current hash. */
  skipHash(): void {
    this.#markHash()
    while (this.#isAtHash()) this.#advance()
  }

  #markHash(): void {
    this.#key.set(this.bytes.subarray(this.at, this.at + RECORD_BYTES))
  }

  #isAtHash(): boolean {
    return this.more && compareRecords(this.#key, 0, this.bytes, this.at) === 0
  }

  #advance(): void {
    this.#current?.advance()
    this.#choose()
  }

  /** Makes the segment with the least record current. */
  #choose(): void {
    this.#current = undefined
    for (const segment of this.#segments) {
      if (!segment.more) continue
      const least = this.#current
      if (least === undefined || compareRecords(segment.bytes, segment.at, least.bytes, least.at) < 0) {
        this.#current = segment
      }
    }
  }
}

class SegmentCursor {
  bytes: Uint8Array = new Uint8Array(0)
  at = -RECORD_BYTES
  more = true
  ordinal: number
  readonly #chunks: Iterator<Buffer>

  constructor({ entries, first }: ListSegment) {
    this.#chunks = entries.allChunks()[Symbol.iterator]()
    this.ordinal = first - 1
    this.advance()
  }

  advance(): void {
    this.ordinal++
    this.at += RECORD_BYTES
    if (this.at < this.bytes.length) return
    const next = this.#chunks.next()
    this.more = next.done !== true
    if (next.done) return
    this.bytes = next.value
    this.at = 0
  }
}

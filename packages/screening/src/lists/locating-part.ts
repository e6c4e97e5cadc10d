import { type HashType, IntegrityError } from "@nightlight/core"
import type { HammingIndex } from "@nightlight/pdq"
import { columnsOf, DIGEST_TYPES, type DigestColumns, type DigestType } from "./digest-table.ts"
import { type Counts, firstOf, HASH_TYPES } from "./record-layout.ts"

/** An index over some of the segments. Ids and references count the entries of their type through these segments. */
export interface IndexPart {
  /** Positions of its segments among all of the index. */
  readonly segments: readonly number[]
  readonly pdq: HammingIndex
  readonly digests: Uint32Array
}

/** An entry: the position of its segment, and its ordinal there. */
export interface Located {
  readonly segment: number
  readonly entry: number
}

/** A part of an index that maps an id or a reference to its entry. */
export class LocatingPart implements IndexPart {
  readonly segments: readonly number[]
  readonly pdq: HammingIndex
  readonly digests: Uint32Array
  /** The columns of each type in the table of digests, in its memory. */
  readonly columns: Readonly<Record<DigestType, DigestColumns>>
  readonly #counts: readonly Counts[]
  /** For each type and segment of the part, how many entries the segments before it have. */
  readonly #starts: ReadonlyMap<HashType, readonly number[]>

  /** @param all - Counts of every segment of the index. */
  constructor({ segments, pdq, digests }: IndexPart, all: readonly Counts[]) {
    this.segments = segments
    this.pdq = pdq
    this.digests = digests
    this.columns = Object.fromEntries(DIGEST_TYPES.map((type) => [type, columnsOf(digests, type)])) as Record<
      DigestType,
      DigestColumns
    >
    this.#counts = segments.flatMap((segment) => all[segment] ?? [])
    this.#starts = new Map(HASH_TYPES.map((type) => [type, startsOf(this.#counts, type)]))
  }

  /**
   * The entry of a reference or a PDQ id.
   *
   * @throws {IntegrityError} `index_untrusted` when there is none.
   */
  locate(type: HashType, reference: number): Located {
    const starts = this.#starts.get(type) ?? []
    const position = starts.findLastIndex((start) => start <= reference)
    const counts = this.#counts[position]
    const segment = this.segments[position]
    const offset = reference - (starts[position] ?? 0)
    if (counts === undefined || segment === undefined || offset >= counts[type]) {
      throw new IntegrityError("index_untrusted", "the index refers to an entry that no list contains")
    }
    return { segment, entry: firstOf(counts, type) + offset }
  }
}

function startsOf(segments: readonly Counts[], type: HashType): readonly number[] {
  let start = 0
  return segments.map((counts) => {
    const own = start
    start += counts[type]
    return own
  })
}

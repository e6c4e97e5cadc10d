import { compact, IntegrityError, RequestError } from "@nightlight/core"
import type { BatchMatches } from "@nightlight/pdq"
import type { DigestQuery, EntryHit, ListIndex, ListInfo, PdqHit } from "../ports.ts"
import { DIGEST_TYPES, type DigestType, findPrefix } from "./digest-table.ts"
import { type ListSegment, segmentOf } from "./list-entries.ts"
import { type IndexPart, type Located, LocatingPart } from "./locating-part.ts"
import { HASH_AT, HASH_BYTES, totalOf } from "./record-layout.ts"
import type { Entry } from "./segment-entries.ts"

/** A segment of a list in an index, with its entries. */
export interface IndexedSegment extends ListSegment {
  readonly info: ListInfo
}

/** The parts of an index, verified by the code that read or built it. */
export interface IndexParts {
  readonly version: number
  /** In the order of the lists' names, and within a list in its order. A list without entries has an empty segment. */
  readonly segments: readonly IndexedSegment[]
  /** Each segment is in one of them. */
  readonly parts: readonly IndexPart[]
}

/** Where more rows share one prefix, the record files are bisected instead: such prefixes are not random. */
const ALIKE_ROWS = 64
/** Bytes of a digest that the table holds. */
const PREFIX_BYTES = 8
const LOWER_HEX = /^[0-9a-f]+$/

/** An index in memory. Exact: it finds what brute force finds within a list's radius. */
export class LoadedIndex implements ListIndex {
  readonly version: number
  readonly lists: readonly ListInfo[]
  readonly #segments: readonly IndexedSegment[]
  readonly #byName: ReadonlyMap<string, readonly IndexedSegment[]>
  readonly #parts: readonly LocatingPart[]
  readonly #radiusBits: number

  constructor(parts: IndexParts) {
    const { segments } = parts
    this.version = parts.version
    this.#segments = segments
    this.#byName = Map.groupBy(segments, ({ info }) => info.name)
    this.lists = [...this.#byName.values()].flatMap(([first]) => first?.info ?? [])
    const counts = segments.map(({ entries }) => entries.counts)
    this.#parts = parts.parts.map((part) => new LocatingPart(part, counts))
    this.#radiusBits = Math.max(0, ...this.lists.map(({ counts, radiusBits }) => (counts.pdq > 0 ? radiusBits : 0)))
  }

  matchDigests(digests: DigestQuery): readonly EntryHit[] {
    const hits: { readonly segment: number; readonly hit: EntryHit }[] = []
    for (const type of DIGEST_TYPES) {
      const digest = digests[type]
      if (digest === undefined) continue
      const bytes = digestBytes(type, digest)
      for (const part of this.#parts) {
        for (const { segment, entry } of this.#findDigest(part, type, bytes)) {
          hits.push({ segment, hit: this.#hit(segment, entry, 0) })
        }
      }
    }
    return hits.sort((a, b) => a.segment - b.segment || a.hit.entry - b.hit.entry).map(({ hit }) => hit)
  }

  digestPrefixes(type: DigestType): readonly { readonly upper: Uint32Array; readonly lower: Uint32Array }[] {
    return this.#parts.map(({ columns }) => columns[type])
  }

  matchPdq(hashes: Uint8Array): readonly PdqHit[] {
    if (hashes.length % HASH_BYTES.pdq !== 0) {
      throw new RequestError("input_invalid", `expected hashes of ${HASH_BYTES.pdq} bytes each`)
    }
    const parts = this.#parts.filter(({ pdq }) => pdq.size > 0 && hashes.length > 0)
    const hits = parts.flatMap((part) => this.#pdqHits(part, part.pdq.queryBatch(hashes, this.#radiusBits)))
    if (parts.length > 1)
      hits.sort((a, b) => a.hit.query - b.hit.query || a.segment - b.segment || a.hit.entry - b.hit.entry)
    return hits.map(({ hit }) => hit)
  }

  /** @throws {RequestError} `list_unknown` when the hit is not from this index. */
  entryHash({ list, entry }: EntryHit): string {
    const known = this.#entryOf(list.name, entry)
    if (known === undefined || known.info.snapshot !== list.snapshot) {
      throw new RequestError("list_unknown", "expected a hit of this index")
    }
    return known.read().hash
  }

  /**
   * Category and id that a list states for one of its entries.
   *
   * @param entry - ordinal in this index's snapshot.
   * @throws {RequestError} `list_unknown` when this index does not contain the list or an entry with that ordinal.
   */
  describeEntry(list: string, entry: number): { readonly category: string; readonly entryId?: string } {
    const known = this.#entryOf(list, entry)
    if (known === undefined) throw new RequestError("list_unknown", "expected an entry of this index")
    const { category, id } = known.read()
    return compact({ category, entryId: id })
  }

  /** Closes the files; nothing can be looked up afterwards. */
  async close(): Promise<void> {
    await Promise.all(this.#segments.map(({ entries }) => entries.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Finds an entry by its ordinal in its list. */
  #entryOf(name: string, ordinal: number): { readonly info: ListInfo; readonly read: () => Entry } | undefined {
    const segments = this.#byName.get(name) ?? []
    const [list] = segments
    if (list === undefined || !(ordinal >= 0) || ordinal >= totalOf(list.info.counts)) return undefined
    const { entries, first } = segmentOf(segments, ordinal)
    return { info: list.info, read: () => entries.entryAt(ordinal - first) }
  }

  /** Keeps the hits within their own list's radius, out of those within the largest radius. */
  #pdqHits(part: LocatingPart, { length, queries, ids, distancesBits }: BatchMatches) {
    const hits: { readonly segment: number; readonly hit: PdqHit }[] = []
    for (let row = 0; row < length; row++) {
      const distanceBits = distancesBits[row] ?? 0
      const id = ids[row] ?? 0
      const { segment, entry } = part.locate("pdq", id)
      if (distanceBits > (this.#segments[segment]?.info.radiusBits ?? 0)) continue
      this.#assertRecord({ segment, entry }, part.pdq.hashAt(id))
      hits.push({ segment, hit: { ...this.#hit(segment, entry, distanceBits), query: queries[row] ?? 0 } })
    }
    return hits
  }

  #findDigest(part: LocatingPart, type: DigestType, digest: Buffer): readonly Located[] {
    const columns = part.columns[type]
    const [first, after] = findPrefix(columns, digest)
    if (after - first > ALIKE_ROWS) {
      return part.segments.flatMap((segment) => {
        const entries = this.#segments[segment]?.entries
        const found = entries?.find(type, digest) ?? []
        entries?.assertUnaltered()
        return found.map((entry) => ({ segment, entry }))
      })
    }
    const found: Located[] = []
    for (let row = first; row < after; row++) {
      const located = part.locate(type, columns.references[row] ?? 0)
      const record = this.#assertRecord(located, digest.subarray(0, PREFIX_BYTES))
      if (record.compare(digest, 0, digest.length, HASH_AT, HASH_AT + digest.length) === 0) found.push(located)
      // Another digest that begins alike is so rare that the record was rather altered behind the beginning.
      else this.#segments[located.segment]?.entries.assertUnaltered()
    }
    return found
  }

  /** Reads the record that the index refers to; a record with another hash was altered after the index was built. */
  #assertRecord({ segment, entry }: Located, start: Uint8Array): Buffer {
    const record = this.#segments[segment]?.entries.recordAt(entry)
    if (record?.compare(start, 0, start.length, HASH_AT, HASH_AT + start.length) === 0) return record
    throw new IntegrityError("index_untrusted", "a list's records changed after the index was built")
  }

  /** @param entry - ordinal in the segment. */
  #hit(segment: number, entry: number, distanceBits: number): EntryHit {
    const indexed = this.#segments[segment]
    if (indexed === undefined)
      throw new IntegrityError("index_untrusted", "the index refers to a list it does not contain")
    const { hashType, category, id } = indexed.entries.entryAt(entry)
    indexed.entries.assertUnmodified()
    return compact({
      list: indexed.info,
      entry: indexed.first + entry,
      entryId: id,
      category,
      hashType,
      distanceBits,
    })
  }
}

function digestBytes(type: DigestType, digest: string): Buffer {
  if (digest.length !== 2 * HASH_BYTES[type] || !LOWER_HEX.test(digest)) {
    throw new RequestError("input_invalid", `expected ${type} as ${2 * HASH_BYTES[type]} lower-case hexadecimal digits`)
  }
  return Buffer.from(digest, "hex")
}

import { type HashType, IntegrityError, RequestError } from "@nightlight/core"
import type { BatchMatches, HammingIndex } from "@nightlight/pdq"
import type { DigestQuery, EntryHit, ListIndex, ListInfo, PdqHit } from "../ports.ts"
import { columnsOf, DIGEST_TYPES, type DigestType, findPrefix } from "./digest-table.ts"
import type { ListEntries } from "./list-entries.ts"
import { firstOf, HASH_AT, HASH_BYTES } from "./record-layout.ts"

/** A list in an index, with its entries. */
export interface IndexedList {
  readonly info: ListInfo
  readonly entries: ListEntries
}

/** What an index is made of, checked by whoever read or built it. */
export interface IndexParts {
  readonly version: number
  /** In the order of their names. */
  readonly lists: readonly IndexedList[]
  /** Ids count the PDQ entries of all lists, in the order of the lists. */
  readonly pdq: HammingIndex
  readonly digests: Uint32Array
}

/** Beyond so many rows with one prefix the record files are bisected instead: someone made them alike. */
const ALIKE_ROWS = 64
/** Bytes of a digest that the table holds. */
const PREFIX_BYTES = 8
const LOWER_HEX = /^[0-9a-f]+$/

/** An index in memory. Exact: what brute force finds within a list's radius, it finds. */
export class LoadedIndex implements ListIndex {
  readonly version: number
  readonly lists: readonly ListInfo[]
  readonly #parts: IndexParts
  readonly #byName: ReadonlyMap<string, IndexedList>
  readonly #starts: Readonly<Record<HashType, readonly number[]>>
  readonly #radiusBits: number

  constructor(parts: IndexParts) {
    const { lists } = parts
    this.version = parts.version
    this.lists = lists.map(({ info }) => info)
    this.#parts = parts
    this.#byName = new Map(lists.map((list) => [list.info.name, list]))
    this.#starts = {
      md5: startsOf(lists, "md5"),
      sha1: startsOf(lists, "sha1"),
      sha256: startsOf(lists, "sha256"),
      pdq: startsOf(lists, "pdq"),
    }
    this.#radiusBits = Math.max(0, ...lists.map(({ info }) => (info.counts.pdq > 0 ? info.radiusBits : 0)))
  }

  matchDigests(digests: DigestQuery): readonly EntryHit[] {
    const hits: { readonly list: number; readonly hit: EntryHit }[] = []
    for (const type of DIGEST_TYPES) {
      const digest = digests[type]
      if (digest === undefined) continue
      for (const { list, entry } of this.#findDigest(type, digestBytes(type, digest))) {
        hits.push({ list, hit: this.#hit(list, entry, 0) })
      }
    }
    return hits.sort((a, b) => a.list - b.list || a.hit.entry - b.hit.entry).map(({ hit }) => hit)
  }

  matchPdq(hashes: Uint8Array): readonly PdqHit[] {
    if (hashes.length % HASH_BYTES.pdq !== 0) {
      throw new RequestError("input_invalid", `expected hashes of ${HASH_BYTES.pdq} bytes each`)
    }
    const { pdq } = this.#parts
    return pdq.size === 0 || hashes.length === 0 ? [] : this.#pdqHits(pdq.queryBatch(hashes, this.#radiusBits))
  }

  /** @throws {RequestError} `list_unknown` when the hit is not of this index. */
  entryHash({ list, entry }: EntryHit): string {
    const known = this.#byName.get(list.name)
    if (known === undefined || known.info.snapshot !== list.snapshot || entry >= known.entries.total) {
      throw new RequestError("list_unknown", "expected a hit of this index")
    }
    return known.entries.entryAt(entry).hash
  }

  /**
   * What a list says of one of its entries.
   *
   * @param entry - ordinal in the snapshot that this index holds.
   * @throws {RequestError} `list_unknown` when the list, or an entry of that ordinal, is not in this index.
   */
  describeEntry(list: string, entry: number): { readonly category: string; readonly entryId?: string } {
    const known = this.#byName.get(list)
    if (known === undefined || entry >= known.entries.total) {
      throw new RequestError("list_unknown", "expected an entry of this index")
    }
    const { category, id } = known.entries.entryAt(entry)
    return { category, ...(id === undefined ? {} : { entryId: id }) }
  }

  /** Closes the files; nothing can be looked up afterwards. */
  async close(): Promise<void> {
    await Promise.all(this.#parts.lists.map(({ entries }) => entries.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Keeps of what lies within the largest radius what lies within its own list's. */
  #pdqHits({ length, queries, ids, distancesBits }: BatchMatches): readonly PdqHit[] {
    const hits: PdqHit[] = []
    for (let row = 0; row < length; row++) {
      const distanceBits = distancesBits[row] ?? 0
      const id = ids[row] ?? 0
      const { list, entry } = this.#locate("pdq", id)
      if (distanceBits > (this.lists[list]?.radiusBits ?? 0)) continue
      this.#assertRecord({ list, entry }, this.#parts.pdq.hashAt(id))
      hits.push({ ...this.#hit(list, entry, distanceBits), query: queries[row] ?? 0 })
    }
    return hits
  }

  #findDigest(type: DigestType, digest: Buffer): readonly Located[] {
    const columns = columnsOf(this.#parts.digests, type)
    const [first, after] = findPrefix(columns, digest)
    if (after - first > ALIKE_ROWS) {
      return this.#parts.lists.flatMap(({ entries }, list) =>
        entries.find(type, digest).map((entry) => ({ list, entry })),
      )
    }
    const found: Located[] = []
    for (let row = first; row < after; row++) {
      const located = this.#locate(type, columns.references[row] ?? 0)
      const record = this.#assertRecord(located, digest.subarray(0, PREFIX_BYTES))
      if (record.compare(digest, 0, digest.length, HASH_AT, HASH_AT + digest.length) === 0) found.push(located)
    }
    return found
  }

  /** The record that the index in memory points at; it must begin as the index says, or its file was altered since. */
  #assertRecord({ list, entry }: Located, start: Uint8Array): Buffer {
    const record = this.#parts.lists[list]?.entries.recordAt(entry)
    if (record?.compare(start, 0, start.length, HASH_AT, HASH_AT + start.length) === 0) return record
    throw new IntegrityError("index_untrusted", "a list's records are no longer what the index was made from")
  }

  /** The entry that a reference, or a PDQ id, counts to. */
  #locate(type: HashType, reference: number): Located {
    const starts = this.#starts[type]
    const list = starts.findLastIndex((start) => start <= reference)
    const counts = this.lists[list]?.counts
    const offset = reference - (starts[list] ?? 0)
    if (counts === undefined || offset >= counts[type]) {
      throw new IntegrityError("index_untrusted", "the index points at an entry that no list has")
    }
    return { list, entry: firstOf(counts, type) + offset }
  }

  #hit(list: number, entry: number, distanceBits: number): EntryHit {
    const indexed = this.#parts.lists[list]
    if (indexed === undefined) throw new IntegrityError("index_untrusted", "the index points at a list it has not")
    const { hashType, category, id } = indexed.entries.entryAt(entry)
    return { list: indexed.info, entry, ...(id === undefined ? {} : { entryId: id }), category, hashType, distanceBits }
  }
}

interface Located {
  readonly list: number
  readonly entry: number
}

/** For each list, how many entries of a type the lists before it have. */
function startsOf(lists: readonly IndexedList[], type: HashType): readonly number[] {
  let start = 0
  return lists.map(({ info }) => {
    const own = start
    start += info.counts[type]
    return own
  })
}

function digestBytes(type: DigestType, digest: string): Buffer {
  if (digest.length !== 2 * HASH_BYTES[type] || !LOWER_HEX.test(digest)) {
    throw new RequestError("input_invalid", `expected ${type} as ${2 * HASH_BYTES[type]} lower-case hexadecimal digits`)
  }
  return Buffer.from(digest, "hex")
}

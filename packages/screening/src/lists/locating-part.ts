import { type HashType, IntegrityError } from "@nightlight/core"
import type { HammingIndex } from "@nightlight/pdq"
import type { ListInfo } from "../ports.ts"
import { firstOf, HASH_TYPES } from "./record-layout.ts"

/** An index over some of the lists. Ids and references count the entries of their type through these lists. */
export interface IndexPart {
  /** Positions of its lists among all of the index. */
  readonly lists: readonly number[]
  readonly pdq: HammingIndex
  readonly digests: Uint32Array
}

/** An entry: the position of its list, and its ordinal there. */
export interface Located {
  readonly list: number
  readonly entry: number
}

/** A part of an index that maps an id or a reference to its entry. */
export class LocatingPart implements IndexPart {
  readonly lists: readonly number[]
  readonly pdq: HammingIndex
  readonly digests: Uint32Array
  readonly #infos: readonly ListInfo[]
  /** For each type and list of the part, how many entries the lists before it have. */
  readonly #starts: ReadonlyMap<HashType, readonly number[]>

  constructor({ lists, pdq, digests }: IndexPart, all: readonly ListInfo[]) {
    this.lists = lists
    this.pdq = pdq
    this.digests = digests
    this.#infos = lists.flatMap((list) => all[list] ?? [])
    this.#starts = new Map(HASH_TYPES.map((type) => [type, startsOf(this.#infos, type)]))
  }

  /**
   * The entry of a reference or a PDQ id.
   *
   * @throws {IntegrityError} `index_untrusted` when there is none.
   */
  locate(type: HashType, reference: number): Located {
    const starts = this.#starts.get(type) ?? []
    const position = starts.findLastIndex((start) => start <= reference)
    const counts = this.#infos[position]?.counts
    const list = this.lists[position]
    const offset = reference - (starts[position] ?? 0)
    if (counts === undefined || list === undefined || offset >= counts[type]) {
      throw new IntegrityError("index_untrusted", "the index refers to an entry that no list contains")
    }
    return { list, entry: firstOf(counts, type) + offset }
  }
}

function startsOf(lists: readonly ListInfo[], type: HashType): readonly number[] {
  let start = 0
  return lists.map(({ counts }) => {
    const own = start
    start += counts[type]
    return own
  })
}

/**
 * Collects the outcomes of a shard's items.
 * @module
 */
import type { Finding } from "@nightlight/contract"
import { compact, type Decision } from "@nightlight/core"
import { mediaExceptionOf, type Screening } from "@nightlight/screening"
import type { GroupColumns } from "../containers/parquet/addresses/read-by-columns.ts"
import type { Item } from "../readers/types.ts"
import { type SidecarRow, sidecarRows } from "../sidecar/rows.ts"

/** The result of screening a shard, before anything except sealed evidence is written. */
export interface ShardOutcome {
  readonly samples: number
  readonly items: number
  readonly bytes: number
  readonly decisions: Readonly<Record<Decision, number>>
  readonly causes: Readonly<Record<string, number>>
  /** Bytes of the shard's own items that are inconclusive. */
  readonly inconclusiveBytes: number
  /** Items cleared without being decoded, by media type. */
  readonly exceptions: Readonly<Record<string, number>>
  /** Ordinals of samples left out of the clean copy. */
  readonly withheld: ReadonlySet<number>
  /** How many they are, with those of rows that nothing real was there to check with. */
  readonly withheldSamples: number
  /** Row groups of a table that was read by columns. */
  readonly groups?: readonly GroupColumns[]
  /** SHA-256 of each item by ordinal, as fingerprinted; none for a table that was read by columns. */
  readonly sha256: readonly string[]
  /** In the order of ordinals. */
  readonly findings: readonly Finding[]
  /** Rows of clear items, in the order of ordinals. */
  readonly rows: readonly SidecarRow[]
  readonly weakMatches: number
  /** Why reading ended early; the shard is set aside. */
  readonly poison?: string
}

interface TalliedItem {
  readonly finding: Finding | undefined
  readonly rows: readonly SidecarRow[]
  readonly sha256: string
}

/** Collects outcomes in any order, and returns them in the order of ordinals. */
export class ShardTally {
  samples = 0
  poison: string | undefined
  readonly #keepOrientations: boolean
  readonly #byOrdinal = new Map<number, TalliedItem>()
  readonly #withheld = new Set<number>()
  readonly #decisions: Record<Decision, number> = {
    clear: 0,
    unscreened: 0,
    inconclusive: 0,
    review: 0,
    block: 0,
    quarantine: 0,
  }
  readonly #causes: Record<string, number> = {}
  readonly #exceptions: Record<string, number> = {}
  #items = 0
  #bytes = 0
  #inconclusiveBytes = 0
  #weakMatches = 0
  #passedUnscreened = 0
  /** Row groups of a table that was read by columns. */
  groups: readonly GroupColumns[] | undefined

  constructor(keepOrientations: boolean) {
    this.#keepOrientations = keepOrientations
  }

  add(item: Item, screening: Screening, finding: Finding | undefined): void {
    const { fingerprint, verdict, weakMatches } = screening
    this.#items++
    if (item.depth === 0) this.#bytes += item.sizeBytes
    this.#decisions[verdict.decision]++
    this.#weakMatches += weakMatches.length
    if (verdict.decision !== "clear") this.#withheld.add(item.sample)
    if (verdict.decision === "inconclusive") {
      countUp(this.#causes, screening.inconclusive ?? "other")
      if (item.depth === 0) this.#inconclusiveBytes += item.sizeBytes
    }
    const exception = mediaExceptionOf(verdict)
    if (exception !== undefined) countUp(this.#exceptions, exception)
    const hasRows = fingerprint !== undefined && finding === undefined
    this.#byOrdinal.set(item.ordinal, {
      finding,
      rows: hasRows ? sidecarRows(item.ordinal, fingerprint, this.#keepOrientations) : [],
      sha256: fingerprint?.sha256 ?? "",
    })
  }

  /**
   * Counts rows of a table that were read by columns, each of which is a sample of one item.
   *
   * @param bytes - their share of the file.
   */
  pass(rows: number, bytes: number, decision: "clear" | "unscreened"): void {
    this.#bytes += bytes
    this.samples += rows
    this.#items += rows
    this.#decisions[decision] += rows
    if (decision !== "clear") this.#passedUnscreened += rows
  }

  outcome(): ShardOutcome {
    // Ordinals have gaps only in a poisoned shard, where nothing is copied.
    const byOrdinal = [...this.#byOrdinal].sort(([one], [other]) => one - other)
    const entries = byOrdinal.map(([, entry]) => entry)
    const sha256: string[] = []
    if (this.groups === undefined) for (const [ordinal, entry] of byOrdinal) sha256[ordinal] = entry.sha256
    return compact({
      samples: this.samples,
      items: this.#items,
      bytes: this.#bytes,
      decisions: this.#decisions,
      causes: this.#causes,
      inconclusiveBytes: this.#inconclusiveBytes,
      exceptions: this.#exceptions,
      withheld: this.#withheld,
      sha256,
      groups: this.groups,
      withheldSamples: this.#withheld.size + this.#passedUnscreened,
      findings: entries.flatMap(({ finding }) => (finding === undefined ? [] : [finding])),
      rows: entries.flatMap(({ rows }) => rows),
      weakMatches: this.#weakMatches,
      poison: this.poison,
    })
  }
}

function countUp(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

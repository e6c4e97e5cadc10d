import { type BadRecord, type HashType, RequestError } from "@nightlight/core"
import { type Counts, HASH_TYPES, totalOf } from "./record-layout.ts"

const FIRST_KEPT = 100
/** A hash type counts as missing unless at least one in this many lines has it. */
const MISSED_ONE_IN = 100

/** Reasons for hashes whose type the line does not name. */
const NAMELESS = {
  field_unread: "under an unknown field name",
  type_unknown: "of an unknown or missing type",
} as const satisfies Partial<Record<BadRecord["reason"], string>>

/** The lines of a file that could not be read, and how many hashes of each type could. */
export class BadRecords {
  count = 0
  /** The first 100. */
  readonly first: BadRecord[] = []
  readonly byReason: Partial<Record<BadRecord["reason"], number>> = {}
  /** Entries that were read by type, counted by their reader. */
  readonly imported: { -readonly [Type in keyof Counts]: number } = {
    md5: 0,
    sha1: 0,
    sha256: 0,
    pdq: 0,
    url: 0,
  }
  readonly #unreadable: Partial<Record<HashType, number>> = {}

  add(bad: BadRecord): void {
    const { reason, hashType } = bad
    this.count++
    this.byReason[reason] = (this.byReason[reason] ?? 0) + 1
    if (hashType !== undefined) this.#unreadable[hashType] = (this.#unreadable[hashType] ?? 0) + 1
    if (this.first.length < FIRST_KEPT) this.first.push(bad)
  }

  /** States why a list may be empty by mistake. */
  clause(): string {
    const [first] = this.first
    return first === undefined
      ? ""
      : `: ${this.count} lines could not be read, the first is line ${first.line} (${first.reason})`
  }

  /**
   * Refuses a list in which every hash of one type is unreadable: screening against the rest would clear listed copies.
   * A list without any readable entry is not refused here.
   *
   * @throws {RequestError} `list_malformed`.
   */
  assertKindsRead(): void {
    const entries = totalOf(this.imported)
    if (entries === 0) return
    const least = (entries + this.count) / MISSED_ONE_IN
    const missed = HASH_TYPES.filter(
      (type) => this.imported[type] === 0 && this.#isAtLeast(this.#unreadable[type], least),
    )
      .map((type) => `${this.#unreadable[type]} ${type}, none readable`)
      .concat(
        Object.entries(NAMELESS)
          .filter(([reason]) => this.#isAtLeast(this.byReason[reason as keyof typeof NAMELESS], least))
          .map(([reason, words]) => `${this.byReason[reason as keyof typeof NAMELESS]} ${words}`),
      )
    if (missed.length === 0) return
    throw new RequestError("list_malformed", `hashes of the file would be lost: ${missed.join("; ")}`, {
      details: { taken: entries, badCount: this.count, line: this.first[0]?.line ?? 0 },
      hint: "See the formats in docs/guides/hash-lists.md; --accept-unread takes the readable entries.",
    })
  }

  #isAtLeast(count: number | undefined, least: number): boolean {
    return count !== undefined && count >= least
  }
}

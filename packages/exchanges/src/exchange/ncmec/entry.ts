import type { BadRecord, HashRecord } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { cleanText } from "../../clean-text.ts"
import { parseEntry, parseHashType } from "../../hash-text.ts"
import { WORD_LENGTH } from "../../rows.ts"
import type { EntryChange, ForeignHash } from "../exchange.ts"

const MOST_FINGERPRINTS = 256
const MOST_FIELDS = 16
const FIELD_LENGTH = 256
const FOREIGN_LENGTH = 1_024
const MOST_VOTERS = 1_000
const MOST_REASONS = 8

/** An image, video or tombstone while it is read. */
export class EntryReader {
  memberId = ""
  id = ""
  timestamp = ""
  classification = ""
  readonly #isGone: boolean
  readonly #records: { readonly hashType: HashRecord["hashType"]; readonly hash: string }[] = []
  readonly #foreign: ForeignHash[] = []
  readonly #fields = new Map<string, string>()
  readonly #voters = { affirmative: new Set<string>(), negative: new Set<string>() }
  readonly #reasons = new Set<string>()
  readonly #count: (reason: BadRecord["reason"]) => void

  /** @param element - `image`, `video`, `deletedImage` or `deletedVideo`. @param count - Counts what is not readable. */
  constructor(element: string, count: (reason: BadRecord["reason"]) => void) {
    this.#isGone = element.startsWith("deleted")
    this.#count = count
    this.#fields.set("medium", element)
  }

  /** Adds a fingerprint by its element's name and text, which is empty for one that the service keeps apart. */
  addFingerprint(type: string, text: string): void {
    if (this.#records.length + this.#foreign.length >= MOST_FINGERPRINTS) {
      this.#count("field_unread")
      return
    }
    const hashType = parseHashType(type)
    if (hashType === undefined || hashType === "unsupported") {
      const foreign = { type: cleanText(type.toLowerCase(), 32) }
      this.#foreign.push(text.trim() === "" ? foreign : { ...foreign, text: cleanText(text, FOREIGN_LENGTH) })
      return
    }
    const hash = parseEntry(text, hashType)
    if (hash === undefined) this.#count("hash_malformed")
    else this.#records.push({ hashType, hash })
  }

  /** Adds a field that has no meaning here. */
  addField(name: string, text: string): void {
    if (this.#fields.size < MOST_FIELDS && text.trim() !== "") {
      this.#fields.set(cleanText(name, 64), cleanText(text, FIELD_LENGTH))
    }
  }

  /** Adds a member's vote; a member that votes on several of the fingerprints counts once. */
  addVoter(verdict: "affirmative" | "negative", memberId: string): void {
    const voters = this.#voters[verdict]
    if (voters.size < MOST_VOTERS) voters.add(memberId.slice(0, 64))
  }

  /** Adds a reason of a negative vote. */
  addReason(name: string): void {
    const reason = cleanText(name, WORD_LENGTH)
    if (this.#reasons.size < MOST_REASONS && reason !== "") this.#reasons.add(reason)
  }

  /**
   * The change that this entry is; `undefined`, and counted, where it has no key or no time.
   *
   * @param latest - An entry from later than this is not believed: its later changes would be taken for older ones.
   */
  change(latest: Date): EntryChange | undefined {
    const memberId = this.memberId.trim()
    const entryId = cleanText(this.id, WORD_LENGTH / 2)
    const time = timeOf(this.timestamp)
    if (!/^\d{1,20}$/.test(memberId) || entryId === "" || time === undefined) {
      this.#count("fields_missing")
      return undefined
    }
    if (time > latest) {
      this.#count("field_malformed")
      return undefined
    }
    const key = `${memberId}-${entryId}`
    const modifiedAt = time.toISOString()
    if (this.#isGone) return { change: "gone", key, modifiedAt }
    const category = cleanText(this.classification, WORD_LENGTH) || "unspecified"
    const { affirmative, negative } = this.#voters
    const isVotedOn = affirmative.size + negative.size > 0
    return {
      change: "present",
      entry: compact({
        key,
        modifiedAt,
        records: this.#records.map((record) => ({ ...record, category, id: key })),
        foreign: this.#foreign,
        fields: Object.fromEntries(this.#fields),
        votes: isVotedOn
          ? { affirmative: affirmative.size, negative: negative.size, reasons: [...this.#reasons] }
          : undefined,
      }),
    }
  }
}

/** Parses ISO 8601 with a zone; `undefined` for anything else. */
function timeOf(text: string): Date | undefined {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.exec(text.trim())
  const time = match === null ? undefined : new Date(match[0])
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time
}

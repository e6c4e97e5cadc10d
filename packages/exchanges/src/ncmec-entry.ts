import type { ListItem } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { cleanText } from "./clean-text.ts"
import { parseEntry, parseHashType } from "./hash-text.ts"
import { WORD_LENGTH } from "./rows.ts"

/** Largest number of fingerprints read from one entry. */
const FINGERPRINT_LIMIT = 256

/** An `image` or `video` element while it is read. */
export class NcmecEntry {
  memberId = ""
  id = ""
  classification = ""
  /** Fingerprints beyond the limit. */
  #beyond = 0
  readonly #fingerprints: { readonly type: string; readonly text: string }[] = []

  /** Adds a fingerprint by its element's name and text. */
  addFingerprint(type: string, text: string): void {
    if (this.#fingerprints.length < FINGERPRINT_LIMIT) this.#fingerprints.push({ type, text })
    else this.#beyond++
  }

  /** Adds an item for each fingerprint, or one that reports that there is none. */
  items(line: number, into: ListItem[]): void {
    if (this.#fingerprints.length === 0) into.push({ ok: false, bad: { line, reason: "fields_missing" } })
    const category = cleanText(this.classification, WORD_LENGTH) || "unspecified"
    const entryId = cleanText(this.id, WORD_LENGTH / 2)
    const memberId = cleanText(this.memberId, WORD_LENGTH / 2)
    const id = entryId === "" || memberId === "" ? entryId : `${memberId}-${entryId}`
    for (const { type, text } of this.#fingerprints) {
      const hashType = parseHashType(type)
      if (hashType === undefined || hashType === "unsupported") {
        into.push({ ok: false, bad: { line, reason: hashType === undefined ? "type_unknown" : "type_unsupported" } })
        continue
      }
      const hash = parseEntry(text, hashType)
      if (hash === undefined) into.push({ ok: false, bad: { line, reason: "hash_malformed", hashType } })
      else
        into.push({
          ok: true,
          line,
          record: compact({ hashType, hash, category, id: id === "" ? undefined : id }),
        })
    }
    for (let i = 0; i < this.#beyond; i++) into.push({ ok: false, bad: { line, reason: "field_unread" } })
  }
}

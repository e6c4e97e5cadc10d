import type { BadRecord } from "@nightlight/core"
import { type XmlHandler, XmlReader } from "../../xml-reader.ts"
import type { EntryChange } from "../exchange.ts"
import { EntryReader } from "./entry.ts"

/** A page of the service's `queryResult`. */
export interface NcmecPage {
  readonly changes: readonly EntryChange[]
  readonly malformed: Partial<Record<BadRecord["reason"], number>>
  /** As given: the next page's address below the base. */
  readonly next: string | undefined
}

/**
 * Reads a page.
 *
 * @param latest - Entries from later than this are counted as malformed.
 * @param refuse - Throws for a document that is not a page.
 */
export function readNcmecPage(bytes: Uint8Array, latest: Date, refuse: (what: string) => never): NcmecPage {
  const handler = new PageHandler(latest, refuse)
  const reader = new XmlReader(handler)
  reader.push(bytes)
  reader.end()
  const { changes, malformed, next } = handler
  return { changes, malformed, next }
}

const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  images: ["image", "deletedImage"],
  videos: ["video", "deletedVideo"],
}
const VERDICTS: Readonly<Record<string, "affirmative" | "negative">> = {
  affirmativeFeedback: "affirmative",
  negativeFeedback: "negative",
}

class PageHandler implements XmlHandler {
  readonly root = "queryResult"
  readonly changes: EntryChange[] = []
  readonly malformed: Partial<Record<BadRecord["reason"], number>> = {}
  next: string | undefined
  readonly refuse: (what: string) => never
  readonly #latest: Date
  #entry: EntryReader | undefined

  constructor(latest: Date, refuse: (what: string) => never) {
    this.#latest = latest
    this.refuse = refuse
  }

  open(path: readonly string[], attributes: Readonly<Record<string, string>>): void {
    const [, group = "", element = "", field = ""] = path
    const name = path.at(-1)
    const entry = this.#entry
    if (path.length === 3 && ENTRIES[group]?.includes(element) === true) {
      this.#entry = new EntryReader(element, (reason) => this.#count(reason))
    } else if (entry === undefined) {
      // These are fingerprints of an unknown kind of entry.
      if (name === "fingerprints") this.#count("field_unread")
    } else if (path.length === 4 && name === "member") {
      entry.memberId = attributes["id"] ?? ""
    } else if (field === "feedback") {
      const verdict = VERDICTS[path[4] ?? ""]
      if (verdict !== undefined && name === "member") entry.addVoter(verdict, attributes["id"] ?? "")
      if (name === "reason") entry.addReason(attributes["name"] ?? "")
    }
  }

  close(path: readonly string[], text: string): void {
    const name = path.at(-1) ?? ""
    const entry = this.#entry
    if (entry === undefined) {
      if (path.length === 3 && path[1] === "paging" && name === "next") this.next = text.trim()
      return
    }
    const [, , , field] = path
    if (path.length === 3) {
      const change = entry.change(this.#latest)
      if (change !== undefined) this.changes.push(change)
      this.#entry = undefined
    } else if (path.length === 5 && field === "fingerprints") entry.addFingerprint(name, text)
    else if (path.length === 4) this.#setField(entry, name, text)
  }

  #setField(entry: EntryReader, name: string, text: string): void {
    if (name === "id" || name === "timestamp" || name === "classification") entry[name] = text
    else if (name !== "member" && name !== "fingerprints" && name !== "feedback") entry.addField(name, text)
  }

  #count(reason: BadRecord["reason"]): void {
    this.malformed[reason] = (this.malformed[reason] ?? 0) + 1
  }
}

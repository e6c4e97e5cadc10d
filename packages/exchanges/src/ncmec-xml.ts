/**
 * NCMEC Hash Sharing API v2: the `queryResult` document of `GET /v2/entries`
 * (https://hashsharing.ncmec.org/hashsharing/v2), kept as a file.
 *
 * An entry's key is `{memberId}-{entryId}`. Tombstones (`deletedImage`, `deletedVideo`) are ignored: a file is the
 * list's complete state, in which a withdrawn entry is simply absent. Unknown elements are ignored too.
 * @module
 */
import type { ListItem } from "@nightlight/core"
import type { ListFormat } from "./list-format.ts"
import type { ListParser } from "./list-parser.ts"
import { listMalformed } from "./malformed.ts"
import { NcmecEntry } from "./ncmec-entry.ts"
import { type XmlHandler, XmlReader } from "./xml-reader.ts"

/** Reads NCMEC's XML as a stream, with one entry in memory at a time. */
export class NcmecXmlParser implements ListParser, XmlHandler {
  readonly root = "queryResult"
  readonly #reader = new XmlReader(this)
  #entry: NcmecEntry | undefined
  #number = 0
  #into: ListItem[] = []

  push(bytes: Uint8Array, into: ListItem[]): void {
    this.#into = into
    this.#reader.push(bytes)
  }

  end(into: ListItem[]): void {
    this.#into = into
    this.#reader.end()
  }

  open(path: readonly string[], attributes: Readonly<Record<string, string>>): void {
    const name = path.at(-1)
    if (path.length === 3 && isEntry(path)) {
      this.#number++
      this.#entry = new NcmecEntry()
    } else if (path.length === 4 && name === "member" && this.#entry !== undefined) {
      this.#entry.memberId = attributes["id"] ?? ""
    } else if (name === "fingerprints" && this.#entry === undefined) {
      // These are fingerprints of an unknown kind of entry.
      this.#into.push({ ok: false, bad: { line: ++this.#number, reason: "field_unread" } })
    }
  }

  close(path: readonly string[], text: string): void {
    const entry = this.#entry
    const depth = path.length
    const name = path.at(-1)
    if (entry === undefined || name === undefined) return
    if (depth === 3) {
      entry.items(this.#number, this.#into)
      this.#entry = undefined
    } else if (depth === 4 && name === "id") entry.id = text
    else if (depth === 4 && name === "classification") entry.classification = text
    else if (depth === 5 && path[3] === "fingerprints") entry.addFingerprint(name, text)
  }

  refuse(what: string): never {
    throw listMalformed(what, Math.max(1, this.#number))
  }
}

function isEntry(path: readonly string[]): boolean {
  return (path[1] === "images" && path[2] === "image") || (path[1] === "videos" && path[2] === "video")
}

/** The document that NCMEC's API returns. */
export const ncmecXml: ListFormat = {
  title: "NCMEC's XML (version 2)",
  detect: ({ line }) => line.startsWith("<"),
  createParser: () => new NcmecXmlParser(),
}

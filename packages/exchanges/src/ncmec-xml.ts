/**
 * NCMEC Hash Sharing API v2: the `queryResult` document of `GET /v2/entries`
 * (https://hashsharing.ncmec.org/hashsharing/v2).
 *
 * An entry's key is `{memberId}-{entryId}`. Tombstones (`deletedImage`, `deletedVideo`) are ignored: a file is the
 * list's complete state, in which a withdrawn entry is simply absent. Unknown elements are ignored too.
 * @module
 */
import type { ListItem } from "@nightlight/core"
import { SaxesParser } from "saxes"
import type { ListFormat } from "./list-format.ts"
import type { ListParser } from "./list-parser.ts"
import { listMalformed } from "./malformed.ts"
import { NcmecEntry } from "./ncmec-entry.ts"

/** Most characters of text, or of one tag, between two parser events; the format stays far below it. */
const QUIET_LIMIT = 1_048_576
/** Most characters of one field that are kept. */
const FIELD_LIMIT = 4_096
const DEPTH_LIMIT = 64
const PIECE_BYTES = 65_536

/** Reads NCMEC's XML as a stream, with one entry in memory at a time. Refuses a DOCTYPE and custom entities. */
export class NcmecXmlParser implements ListParser {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true })
  readonly #parser = new SaxesParser()
  readonly #path: string[] = []
  #entry: NcmecEntry | undefined
  #number = 0
  #text = ""
  #eventAt = 0
  #into: ListItem[] = []

  constructor() {
    const parser = this.#parser
    parser.on("error", () => this.#refuse("expected well-formed XML"))
    parser.on("doctype", () => this.#refuse("a DOCTYPE is not allowed"))
    parser.on("xmldecl", ({ encoding }) => {
      if (encoding !== undefined && !/^(utf-?(8|16)|us-ascii)$/i.test(encoding)) this.#refuse("expected UTF-8")
    })
    parser.on("opentag", ({ name, attributes }) => this.#openTag(localName(name), attributes))
    parser.on("text", (text) => this.#addText(text))
    parser.on("cdata", (text) => this.#addText(text))
    parser.on("comment", () => this.#moved())
    parser.on("closetag", () => this.#closeTag())
  }

  push(bytes: Uint8Array, into: ListItem[]): void {
    this.#into = into
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      this.#write(this.#decode(bytes.subarray(start, start + PIECE_BYTES)))
    }
  }

  end(into: ListItem[]): void {
    this.#into = into
    this.#write(this.#decode(undefined))
    this.#parser.close()
  }

  #decode(bytes: Uint8Array | undefined): string {
    try {
      return bytes === undefined ? this.#decoder.decode() : this.#decoder.decode(bytes, { stream: true })
    } catch {
      return this.#refuse("expected UTF-8")
    }
  }

  #write(text: string): void {
    this.#parser.write(text)
    if (this.#parser.position - this.#eventAt > QUIET_LIMIT) this.#refuse("an element is too long")
  }

  #refuse(what: string): never {
    throw listMalformed(what, Math.max(1, this.#number))
  }

  #moved(): void {
    this.#eventAt = this.#parser.position
  }

  #openTag(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#moved()
    this.#text = ""
    const path = this.#path
    if (path.length === 0 && name !== "queryResult") this.#refuse("expected the element queryResult")
    if (path.length >= DEPTH_LIMIT) this.#refuse("elements are nested too deep")
    path.push(name)
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

  #addText(text: string): void {
    this.#moved()
    if (this.#text.length < FIELD_LIMIT) this.#text += text.slice(0, FIELD_LIMIT)
  }

  #closeTag(): void {
    this.#moved()
    const entry = this.#entry
    const depth = this.#path.length
    const name = this.#path.pop()
    if (entry === undefined || name === undefined) return
    if (depth === 3) {
      entry.items(this.#number, this.#into)
      this.#entry = undefined
    } else if (depth === 4 && name === "id") entry.id = this.#text
    else if (depth === 4 && name === "classification") entry.classification = this.#text
    else if (depth === 5 && this.#path[3] === "fingerprints") entry.addFingerprint(name, this.#text)
    this.#text = ""
  }
}

function isEntry(path: readonly string[]): boolean {
  return (path[1] === "images" && path[2] === "image") || (path[1] === "videos" && path[2] === "video")
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1)
}

/** The document that NCMEC's API returns. */
export const ncmecXml: ListFormat = {
  title: "NCMEC's XML (version 2)",
  detect: ({ line }) => line.startsWith("<"),
  createParser: () => new NcmecXmlParser(),
}

/**
 * Reads XML from outside as a stream, with limits on everything that could grow.
 * @module
 */
import { SaxesParser } from "saxes"

/** Most characters of text, or of one tag, between two parser events. */
const QUIET_LIMIT = 1_048_576
/** Most characters of one element's text that are kept. */
const TEXT_LIMIT = 4_096
const DEPTH_LIMIT = 64
const PIECE_BYTES = 65_536

/** What is done with the elements of a document. */
export interface XmlHandler {
  /** The document's element, without a prefix. */
  readonly root: string
  /** @param path - Names from the root to the element that begins, without prefixes. Not kept. */
  open(path: readonly string[], attributes: Readonly<Record<string, string>>): void
  /**
   * @param path - Names from the root to the element that ends. Not kept.
   * @param text - The element's text after the last tag in it, up to 4,096 characters.
   */
  close(path: readonly string[], text: string): void
  /**
   * Called for a document that is not accepted: with an encoding other than UTF-8, a DOCTYPE, custom entities, another
   * root, or beyond a limit.
   *
   * @param what - What was expected; never text from the document.
   */
  refuse(what: string): never
}

/** Reads one document in chunks. */
export class XmlReader {
  readonly #handler: XmlHandler
  readonly #decoder = new TextDecoder("utf-8", { fatal: true })
  readonly #parser = new SaxesParser()
  readonly #path: string[] = []
  #text = ""
  #eventAt = 0

  constructor(handler: XmlHandler) {
    this.#handler = handler
    const parser = this.#parser
    parser.on("error", () => handler.refuse("expected well-formed XML"))
    parser.on("doctype", () => handler.refuse("a DOCTYPE is not allowed"))
    parser.on("xmldecl", ({ encoding }) => {
      if (encoding !== undefined && !/^(utf-?(8|16)|us-ascii)$/i.test(encoding)) handler.refuse("expected UTF-8")
    })
    parser.on("opentag", ({ name, attributes }) => this.#open(localName(name), attributes))
    parser.on("text", (text) => this.#addText(text))
    parser.on("cdata", (text) => this.#addText(text))
    parser.on("comment", () => this.#moved())
    parser.on("closetag", () => this.#close())
  }

  /** Reads the next bytes. @throws what the handler's `refuse` throws. */
  push(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      this.#write(this.#decode(bytes.subarray(start, start + PIECE_BYTES)))
    }
  }

  /** Ends the document. @throws what the handler's `refuse` throws. */
  end(): void {
    this.#write(this.#decode(undefined))
    this.#parser.close()
  }

  #decode(bytes: Uint8Array | undefined): string {
    try {
      return bytes === undefined ? this.#decoder.decode() : this.#decoder.decode(bytes, { stream: true })
    } catch {
      return this.#handler.refuse("expected UTF-8")
    }
  }

  #write(text: string): void {
    this.#parser.write(text)
    if (this.#parser.position - this.#eventAt > QUIET_LIMIT) this.#handler.refuse("an element is too long")
  }

  #moved(): void {
    this.#eventAt = this.#parser.position
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#moved()
    this.#text = ""
    const { root } = this.#handler
    if (this.#path.length === 0 && name !== root) this.#handler.refuse(`expected the element ${root}`)
    if (this.#path.length >= DEPTH_LIMIT) this.#handler.refuse("elements are nested too deep")
    this.#path.push(name)
    this.#handler.open(this.#path, attributes)
  }

  #addText(text: string): void {
    this.#moved()
    if (this.#text.length < TEXT_LIMIT) this.#text += text.slice(0, TEXT_LIMIT)
  }

  #close(): void {
    this.#moved()
    this.#handler.close(this.#path, this.#text)
    this.#path.pop()
    this.#text = ""
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1)
}

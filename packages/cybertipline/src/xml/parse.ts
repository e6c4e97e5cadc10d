import { SaxesParser } from "saxes"

/** An element of a parsed document. */
export interface XmlNode {
  /** As written, without a prefix. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlNode[]
  /** The text directly inside, all pieces joined. */
  readonly text: string
}

/** A parsed document, or the reason why it cannot be parsed. */
export type ParsedXml =
  | { readonly kind: "document"; readonly root: XmlNode }
  | { readonly kind: "refused"; readonly reason: "doctype" | "malformed" }

/** Deeper documents are refused; the deepest this API knows has seven levels. */
const MAX_DEPTH = 32

interface OpenNode {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlNode[]
  text: string
}

class DoctypeSeen extends Error {}

/**
 * Parses a small document whole: no DOCTYPE, no entities except the five predefined ones, at most 32 levels.
 *
 * A parser's own errors quote the document, so none of them leaves this function.
 */
export function parseXml(xml: string): ParsedXml {
  const open: OpenNode[] = []
  let root: XmlNode | undefined
  const parser = new SaxesParser({ xmlns: false, position: false })
  parser.on("error", (error) => {
    throw error
  })
  parser.on("doctype", () => {
    throw new DoctypeSeen()
  })
  parser.on("opentag", ({ name, attributes }) => {
    if (open.length >= MAX_DEPTH) throw new RangeError("too deep")
    open.push({ name: localName(name), attributes: new Map(Object.entries(attributes)), children: [], text: "" })
  })
  const addText = (text: string) => {
    const node = open.at(-1)
    if (node !== undefined) node.text += text
  }
  parser.on("text", addText)
  parser.on("cdata", addText)
  parser.on("closetag", () => {
    const node = open.pop()
    const parent = open.at(-1)
    if (node === undefined) return
    if (parent === undefined) root = node
    else parent.children.push(node)
  })
  try {
    parser.write(xml).close()
  } catch (error) {
    return { kind: "refused", reason: error instanceof DoctypeSeen ? "doctype" : "malformed" }
  }
  return root === undefined ? { kind: "refused", reason: "malformed" } : { kind: "document", root }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1)
}

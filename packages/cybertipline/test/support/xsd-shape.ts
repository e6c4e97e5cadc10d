import { parseXml, type XmlNode } from "../../src/xml/parse.ts"

/** A line for each element and attribute a schema allows: where, how often, of which XSD type, with which values. */
export function shapeOf(xsd: string, root: string): string[] {
  const parsed = parseXml(xsd)
  if (parsed.kind !== "document") throw new Error(`schema ${parsed.reason}`)
  const schema = new Schema(parsed.root)
  const lines: string[] = []
  schema.element(schema.global("element", root), "", lines)
  return lines
}

class Schema {
  readonly #root: XmlNode

  constructor(root: XmlNode) {
    this.#root = root
  }

  global(kind: string, name: string): XmlNode {
    const found = this.#root.children.find((one) => one.name === kind && one.attributes.get("name") === name)
    if (found === undefined) throw new Error(`no ${kind} ${name}`)
    return found
  }

  element(node: XmlNode, path: string, lines: string[]): void {
    const reference = node.attributes.get("ref")
    const declared = reference === undefined ? node : this.global("element", reference)
    const name = declared.attributes.get("name") ?? ""
    const [min, max] = [node.attributes.get("minOccurs") ?? "1", node.attributes.get("maxOccurs") ?? "1"]
    const here = `${path}/${name}`
    const fixed = declared.attributes.has("fixed") ? ` fixed ${declared.attributes.get("fixed")}` : ""
    const typeName = declared.attributes.get("type")
    const complex = this.#complex(typeName, declared)
    if (complex === undefined) {
      lines.push(`${here} ${min}..${max} ${this.#simple(typeName ?? "")}${fixed}`)
      return
    }
    const extension = complex.children.find((one) => one.name === "simpleContent")?.children[0]
    const base = extension?.attributes.get("base")
    lines.push(`${here} ${min}..${max}${base === undefined ? "" : ` ${this.#simple(base)}`}${fixed}`)
    for (const child of (extension ?? complex).children) this.#part(child, here, lines)
  }

  #part(node: XmlNode, path: string, lines: string[]): void {
    switch (node.name) {
      case "element":
        this.element(node, path, lines)
        return
      case "attribute": {
        const [name, type] = [node.attributes.get("name"), this.#simple(node.attributes.get("type") ?? "")]
        lines.push(`${path}/@${name} ${node.attributes.get("use") ?? "optional"} ${type}`)
        return
      }
      case "sequence":
      case "choice":
      case "all":
        if (node.name !== "sequence") lines.push(`${path} ${node.name} {`)
        for (const child of node.children) this.#part(child, path, lines)
        if (node.name !== "sequence") lines.push(`${path} }`)
    }
  }

  #complex(typeName: string | undefined, declared: XmlNode): XmlNode | undefined {
    if (typeName === undefined) return declared.children.find((one) => one.name === "complexType")
    return this.#root.children.find((one) => one.name === "complexType" && one.attributes.get("name") === typeName)
  }

  /** The XSD type a simple type comes down to, and its values; other facets are not looked at. */
  #simple(typeName: string): string {
    if (typeName.startsWith("xs:")) return typeName
    const restriction = this.global("simpleType", typeName).children.find((one) => one.name === "restriction")
    const values = (restriction?.children ?? []).filter((one) => one.name === "enumeration")
    const base = this.#simple(restriction?.attributes.get("base") ?? "")
    return values.length === 0 ? base : `${base} ${JSON.stringify(values.map((one) => one.attributes.get("value")))}`
  }
}

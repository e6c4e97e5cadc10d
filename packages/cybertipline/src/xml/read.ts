/**
 * Reads documents back into values, as strictly as the published schema: names, order, cardinality, enumerations,
 * types.
 *
 * Its messages are worded like those of the validating parser behind the live service, which quote what they refuse:
 * they are for the simulator's answers and for people who may see the document anyway.
 * @module
 */
import type { AttributedType, ElementDefinition, ElementType, Particle, RecordType } from "../schema/definition.ts"
import { elementsIn } from "../schema/walk.ts"
import { isIn, type SchemaVersion } from "../version.ts"
import { readScalar } from "./lexical.ts"
import { parseXml, type XmlNode } from "./parse.ts"

/** A document as read, or the reason of its refusal. */
export type ReadDocument =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "malformed" }
  /** Well-formed, but not valid by the schema; the message may quote it. */
  | { readonly kind: "invalid"; readonly message: string }

/**
 * Reads one document.
 *
 * @returns Its value, whose lengths and rules are not checked yet.
 */
export function readDocument(element: ElementDefinition, xml: string, version: SchemaVersion): ReadDocument {
  const parsed = parseXml(xml)
  if (parsed.kind === "refused") return { kind: "malformed" }
  const { root } = parsed
  if (root.name !== element.name) {
    return { kind: "invalid", message: `cvc-elt.1: Cannot find the declaration of element '${root.name}'.` }
  }
  try {
    return { kind: "value", value: readElement(element.type, root, version) }
  } catch (error) {
    if (error instanceof SchemaFault) return { kind: "invalid", message: error.message }
    throw error
  }
}

/** Ends the reading at the first fault; never leaves this module. */
class SchemaFault extends Error {}

function fault(text: string): never {
  throw new SchemaFault(text)
}

function readElement(type: ElementType, node: XmlNode, version: SchemaVersion): unknown {
  if (type.kind === "scalar") {
    refuseAttributes(node, [])
    return scalarOf(type, node)
  }
  const value: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  readAttributes(type, node, value)
  if (type.kind === "attributed") value["value"] = scalarOf(type.content, node)
  else readMembers(type, node, version, value)
  return { ...value }
}

function scalarOf(type: Parameters<typeof readScalar>[0], node: XmlNode): unknown {
  if (node.children.length > 0) {
    fault(
      `cvc-type.3.1.2: Element '${node.name}' is a simple type, so it must have no element information item [children].`,
    )
  }
  const read = readScalar(type, node.text)
  return read.kind === "value" ? read.value : fault(read.text)
}

function refuseAttributes(node: XmlNode, known: readonly string[]): void {
  for (const name of node.attributes.keys()) {
    if (name === "xmlns" || name.startsWith("xmlns:") || name.startsWith("xsi:") || known.includes(name)) continue
    fault(`cvc-complex-type.3.2.2: Attribute '${name}' is not allowed to appear in element '${node.name}'.`)
  }
}

function readAttributes(type: AttributedType | RecordType, node: XmlNode, value: Record<string, unknown>): void {
  refuseAttributes(
    node,
    type.attributes.map(({ name }) => name),
  )
  for (const attribute of type.attributes) {
    const text = node.attributes.get(attribute.name)
    if (text === undefined) {
      if (attribute.required)
        fault(`cvc-complex-type.4: Attribute '${attribute.name}' must appear on element '${node.name}'.`)
      continue
    }
    const read = readScalar(attribute.type, text)
    value[attribute.name] = read.kind === "value" ? read.value : fault(read.text)
  }
}

function readMembers(type: RecordType, node: XmlNode, version: SchemaVersion, value: Record<string, unknown>): void {
  if (node.text.trim() !== "") {
    fault(
      `cvc-complex-type.2.3: Element '${node.name}' cannot have character [children], because the type's content type is element-only.`,
    )
  }
  const take = (element: ElementDefinition, child: XmlNode) => {
    const read = readElement(element.type, child, version)
    if (element.max === 1) value[element.name] = read
    else value[element.name] = [...((value[element.name] ?? []) as unknown[]), read]
  }
  if (type.order === "sequence") readSequence(type, node, version, take)
  else readUnordered(type, node, version, take)
}

type Take = (element: ElementDefinition, child: XmlNode) => void

const listed = (names: readonly string[]) => `One of '{${names.join(", ")}}' is expected.`
const unexpected = (child: XmlNode) => `Invalid content was found starting with element '${child.name}'.`

function readSequence(type: RecordType, node: XmlNode, version: SchemaVersion, take: Take): void {
  const places = type.members.map((member) => membersAt(member, version)).filter((place) => place.length > 0)
  let offset = 0
  let taken = 0
  const isFull = () => taken > 0 && places[offset]?.[0]?.max === 1
  const isSatisfied = () => taken > 0 || (places[offset] ?? []).every(({ min }) => min === 0)
  for (const child of node.children) {
    const from = offset
    const takenBefore = taken
    let found: ElementDefinition | undefined
    for (;;) {
      const place = places[offset]
      if (place === undefined) break
      found = isFull() ? undefined : place.find(({ name }) => name === child.name)
      if (found !== undefined || !isSatisfied()) break
      offset++
      taken = 0
    }
    if (found === undefined) {
      const expected = expectedFrom(places, from, takenBefore)
      fault(
        expected.length === 0
          ? `cvc-complex-type.2.4.d: ${unexpected(child)} No child element is expected at this point.`
          : `cvc-complex-type.2.4.a: ${unexpected(child)} ${listed(expected)}`,
      )
    }
    take(found, child)
    taken++
  }
  const missing = expectedFrom(places, offset, taken)
  const isComplete = isSatisfied() && places.slice(offset + 1).every((place) => place.every(({ min }) => min === 0))
  if (!isComplete)
    fault(`cvc-complex-type.2.4.b: The content of element '${node.name}' is not complete. ${listed(missing)}`)
}

function membersAt(member: Particle, version: SchemaVersion): readonly ElementDefinition[] {
  const members = member.kind === "element" ? [member] : member.members
  return members.filter(({ since }) => isIn(version, since))
}

/** Names that may come next: up to and including the first required element. */
function expectedFrom(places: readonly (readonly ElementDefinition[])[], from: number, taken: number): string[] {
  const names: string[] = []
  for (const [n, place] of places.slice(from).entries()) {
    const used = n === 0 ? taken : 0
    if (used === 0 || place[0]?.max !== 1) names.push(...place.map(({ name }) => name))
    if (used === 0 && place.some(({ min }) => min === 1)) break
  }
  return names
}

function readUnordered(type: RecordType, node: XmlNode, version: SchemaVersion, take: Take): void {
  const elements = elementsIn(type, version)
  const names = elements.map(({ name }) => name)
  const seen = new Set<string>()
  for (const child of node.children) {
    const element = elements.find(({ name }) => name === child.name)
    if (element === undefined || seen.has(child.name) || (type.order === "choice" && seen.size > 0)) {
      fault(`cvc-complex-type.2.4.a: ${unexpected(child)} ${listed(names.filter((name) => !seen.has(name)))}`)
    }
    seen.add(child.name)
    take(element, child)
  }
  if (type.order === "choice" && seen.size === 0) {
    fault(`cvc-complex-type.2.4.b: The content of element '${node.name}' is not complete. ${listed(names)}`)
  }
}

import { reportDoneResponseElement, reportResponseElement } from "../schema/answers.ts"
import type {
  AttributeDefinition,
  AttributedType,
  ElementDefinition,
  ElementType,
  Particle,
  RecordType,
  ScalarType,
} from "../schema/definition.ts"
import { fileDetailsElement } from "../schema/file-details.ts"
import { reportElement } from "../schema/report.ts"
import { DEFAULT_SCHEMA_VERSION, isIn, type SchemaVersion } from "../version.ts"
import { escapeAttribute, escapeText } from "./characters.ts"

const ROOTS = [reportElement, fileDetailsElement, reportResponseElement, reportDoneResponseElement]

/**
 * Writes the schema of the documents this package sends and receives, as XSD 1.0.
 *
 * It is stricter than the published one: lengths, patterns and ranges that the documentation gives in words are facets
 * here, so whatever it accepts the published one accepts too. Rules between members are in neither.
 */
export function writeXsd(version: SchemaVersion = DEFAULT_SCHEMA_VERSION): string {
  const schema: Schema = { version, types: new Map() }
  const roots = ROOTS.flatMap((root) => elementLines(schema, root, { isRoot: true }))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">',
    ...indent(documentation(`Documents of NCMEC's reporting API, schema version ${version}. Generated.`)),
    ...indent(roots),
    ...indent([...schema.types.values()].flat()),
    "</xs:schema>",
    "",
  ].join("\n")
}

interface Schema {
  readonly version: SchemaVersion
  /** Named types by name, in the order of their first use. */
  readonly types: Map<string, readonly string[]>
}

const indent = (lines: readonly string[]) => lines.map((line) => `  ${line}`)

function documentation(text: string): string[] {
  return ["<xs:annotation>", `  <xs:documentation>${escapeText(text)}</xs:documentation>`, "</xs:annotation>"]
}

function elementLines(schema: Schema, element: ElementDefinition, { isRoot = false } = {}): string[] {
  const { name, type, min, max, doc } = element
  const reference = typeReference(schema, type)
  const attributes = [
    `name="${name}"`,
    ...(reference === undefined ? [] : [`type="${reference}"`]),
    ...(type.kind === "scalar" && type.fixed !== undefined ? [`fixed="${type.fixed}"`] : []),
    ...(isRoot || min === 1 ? [] : ['minOccurs="0"']),
    ...(isRoot || max === 1 ? [] : ['maxOccurs="unbounded"']),
  ].join(" ")
  const body = [
    ...(doc === undefined ? [] : documentation(doc)),
    ...(reference === undefined && type.kind !== "scalar" ? complexLines(schema, type) : []),
  ]
  if (body.length === 0) return [`<xs:element ${attributes}/>`]
  return [`<xs:element ${attributes}>`, ...indent(body), "</xs:element>"]
}

/** The name an element refers to its type by; none for a type that is written in place. */
function typeReference(schema: Schema, type: ElementType): string | undefined {
  if (type.kind === "scalar") return scalarReference(schema, type)
  if (type.name === undefined) return undefined
  if (!schema.types.has(type.name)) {
    // The name is taken first, so that types come in the order of their first use.
    schema.types.set(type.name, [])
    schema.types.set(type.name, complexLines(schema, type, type.name))
  }
  return type.name
}

function scalarReference(schema: Schema, type: ScalarType): string {
  if (type.name === undefined) return `xs:${type.base}`
  if (!schema.types.has(type.name)) schema.types.set(type.name, simpleLines(type, type.name))
  return type.name
}

function simpleLines(type: ScalarType, name: string): string[] {
  const facets = [
    ...(type.values ?? []).map((value) => `<xs:enumeration value="${escapeAttribute(value)}"/>`),
    ...(type.pattern === undefined ? [] : [`<xs:pattern value="${escapeAttribute(type.pattern)}"/>`]),
    ...(type.maxLength === undefined ? [] : [`<xs:maxLength value="${type.maxLength}"/>`]),
    ...(type.min === undefined ? [] : [`<xs:minInclusive value="${type.min}"/>`]),
    ...(type.max === undefined ? [] : [`<xs:maxInclusive value="${type.max}"/>`]),
  ]
  return [
    `<xs:simpleType name="${name}">`,
    `  <xs:restriction base="xs:${type.base}">`,
    ...indent(indent(facets)),
    "  </xs:restriction>",
    "</xs:simpleType>",
  ]
}

function complexLines(schema: Schema, type: AttributedType | RecordType, name?: string): string[] {
  const attributes = type.attributes.map((one) => attributeLine(schema, one))
  const body =
    type.kind === "record"
      ? [...membersLines(schema, type), ...attributes]
      : [
          "<xs:simpleContent>",
          `  <xs:extension base="${scalarReference(schema, type.content)}">`,
          ...indent(indent(attributes)),
          "  </xs:extension>",
          "</xs:simpleContent>",
        ]
  return [`<xs:complexType${name === undefined ? "" : ` name="${name}"`}>`, ...indent(body), "</xs:complexType>"]
}

function membersLines(schema: Schema, { order, members }: RecordType): string[] {
  const lines = members.flatMap((member) => particleLines(schema, member))
  return lines.length === 0 ? [] : [`<xs:${order}>`, ...indent(lines), `</xs:${order}>`]
}

function particleLines(schema: Schema, member: Particle): string[] {
  if (member.kind === "element") return isIn(schema.version, member.since) ? elementLines(schema, member) : []
  return ["<xs:choice>", ...indent(member.members.flatMap((one) => particleLines(schema, one))), "</xs:choice>"]
}

function attributeLine(schema: Schema, { name, type, required }: AttributeDefinition): string {
  return `<xs:attribute name="${name}" type="${scalarReference(schema, type)}"${required ? ' use="required"' : ""}/>`
}

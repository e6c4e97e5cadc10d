import type { AttributedType, ElementDefinition, RecordType } from "../schema/definition.ts"
import { type FileDetailsInput, fileDetailsElement } from "../schema/file-details.ts"
import { type ReportInput, reportElement } from "../schema/report.ts"
import { elementsIn, type Members, memberOf } from "../schema/walk.ts"
import { DEFAULT_SCHEMA_VERSION, type SchemaVersion } from "../version.ts"
import { escapeAttribute, escapeText, replaceForbidden } from "./characters.ts"

/** A document in the form in which it is sent. */
export interface WrittenXml {
  /** UTF-8 in meaning; every line break and space of the values is kept. */
  readonly xml: string
  /**
   * How many characters that XML cannot carry were replaced by U+FFFD; 0 for a document that says exactly what was
   * given.
   */
  readonly replaced: number
}

/** Options of writing. */
export interface WriteOptions {
  readonly schemaVersion?: SchemaVersion
}

/**
 * Writes a report in the schema's order, whatever the order of its members.
 *
 * @param report - Must be valid: {@link validateReport} finds nothing in it.
 */
export function writeReport(report: ReportInput, options: WriteOptions = {}): WrittenXml {
  return writeDocument(reportElement, report, options)
}

/**
 * Writes file details in the schema's order.
 *
 * @param details - Must be valid: {@link validateFileDetails} finds nothing in them.
 */
export function writeFileDetails(details: FileDetailsInput, options: WriteOptions = {}): WrittenXml {
  return writeDocument(fileDetailsElement, details, options)
}

const ROOT_ATTRIBUTES =
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' +
  ' xsi:noNamespaceSchemaLocation="https://report.cybertip.org/ispws/xsd"'

function writeDocument(element: ElementDefinition, value: unknown, { schemaVersion }: WriteOptions): WrittenXml {
  const writer: Writer = { version: schemaVersion ?? DEFAULT_SCHEMA_VERSION, parts: [], replaced: 0 }
  writer.parts.push('<?xml version="1.0" encoding="UTF-8"?>\n')
  writeElement(writer, element, value, ROOT_ATTRIBUTES)
  writer.parts.push("\n")
  return { xml: writer.parts.join(""), replaced: writer.replaced }
}

interface Writer {
  readonly version: SchemaVersion
  readonly parts: string[]
  replaced: number
}

function writeElement(writer: Writer, { name, type }: ElementDefinition, value: unknown, extra = ""): void {
  if (type.kind === "scalar") {
    writer.parts.push(`<${name}${extra}>`, escapeText(clean(writer, value)), `</${name}>`)
    return
  }
  const members = value as Members
  writer.parts.push(`<${name}${extra}${attributesText(writer, type, members)}>`)
  if (type.kind === "attributed") writer.parts.push(escapeText(clean(writer, members["value"])))
  else writeMembers(writer, type, members)
  writer.parts.push(`</${name}>`)
}

function writeMembers(writer: Writer, type: RecordType, members: Members): void {
  for (const element of elementsIn(type, writer.version)) {
    const value = memberOf(members, element.name)
    if (value === undefined) continue
    for (const one of element.max === 1 ? [value] : (value as readonly unknown[])) writeElement(writer, element, one)
  }
}

function attributesText(writer: Writer, type: AttributedType | RecordType, members: Members): string {
  return type.attributes
    .map(({ name }) => [name, memberOf(members, name)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeAttribute(clean(writer, value))}"`)
    .join("")
}

function clean(writer: Writer, scalar: unknown): string {
  const { text, replaced } = replaceForbidden(String(scalar as string | number | boolean))
  writer.replaced += replaced
  return text
}

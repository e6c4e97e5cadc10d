import type {
  AttributedType,
  ElementDefinition,
  ElementType,
  RecordType,
  ScalarType,
} from "../../src/schema/definition.ts"

const TEXTS: Readonly<Record<string, string>> = {
  url2083: "https://example.org/",
  emailAddress: "a@b.example",
  ipAddress: "192.0.2.1",
  fileToken: "f".repeat(32),
  phoneCountryCallingCode: "+1",
  phoneExtension: "1",
}

function scalarValue(type: ScalarType): unknown {
  switch (type.base) {
    case "boolean":
      return true
    case "int":
    case "double":
      return type.min ?? 1
    case "long":
      return "1"
    case "dateTime":
      return "2026-01-01T00:00:00Z"
    case "date":
      return "2000-01-01"
    case "string":
    case "token":
      return type.values?.at(-1) ?? TEXTS[type.name ?? ""] ?? "text"
    default:
      return type.base satisfies never
  }
}

/**
 * A value with every member and attribute of a type, valid or not by its rules: lists have one entry, or one for each kind
 * of a choice; of places that one of several takes, `pick` says which.
 */
export function fullValue(type: ElementType, pick: 0 | 1): unknown {
  if (type.kind === "scalar") return scalarValue(type)
  const attributes = Object.fromEntries(type.attributes.map((one) => [one.name, scalarValue(one.type)]))
  return { ...attributes, ...(type.kind === "attributed" ? contentOf(type) : membersOf(type, pick)) }
}

const contentOf = ({ content }: AttributedType) => ({ value: scalarValue(content) })

function membersOf(type: RecordType, pick: 0 | 1): object {
  const elements = type.members.map((member) => (member.kind === "element" ? member : member.members[pick]!))
  return Object.fromEntries(
    elements.filter(({ since }) => since === undefined).map((one) => [one.name, entryOf(one, pick)]),
  )
}

function entryOf({ type, max }: ElementDefinition, pick: 0 | 1): unknown {
  if (max === 1) return fullValue(type, pick)
  if (type.kind !== "record" || type.order !== "choice") return [fullValue(type, pick)]
  return type.members.map((one) => membersOf({ ...type, members: [one] }, pick))
}

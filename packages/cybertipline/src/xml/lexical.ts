import type { ScalarType } from "../schema/definition.ts"

/** A scalar as read, or the message of a validating parser. */
export type ReadScalar =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "fault"; readonly text: string }

const LEXICAL: Readonly<Record<ScalarType["base"], RegExp>> = {
  string: /^[\s\S]*$/,
  token: /^[\s\S]*$/,
  boolean: /^(true|false|1|0)$/,
  int: /^[+-]?\d{1,10}$/,
  long: /^[+-]?\d{1,19}$/,
  double: /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/,
  // XSD allows a time without a zone; the documentation's requirement of one is a rule of validation.
  dateTime: /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/,
  date: /^-?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?$/,
}

/** Reads a scalar's text by the published schema's types; our own lengths and patterns are not checked here. */
export function readScalar(type: ScalarType, raw: string): ReadScalar {
  const text = type.base === "string" ? raw : raw.replace(/[ \t\r\n]+/g, " ").trim()
  if (type.values !== undefined && !type.values.includes(text)) {
    return faultText(
      `cvc-enumeration-valid: Value '${text}' is not facet-valid with respect to enumeration '[${type.values.join(", ")}]'. It must be a value from the enumeration.`,
    )
  }
  // An empty element with a fixed value has that value.
  if (type.fixed !== undefined && text === "") return { kind: "value", value: true }
  if (!LEXICAL[type.base].test(text)) {
    return faultText(`cvc-datatype-valid.1.2.1: '${text}' is not a valid value for '${type.base}'.`)
  }
  if (type.fixed !== undefined && text !== "true" && text !== "1") {
    return faultText(`cvc-elt.5.2.2.2.2: The value '${text}' does not match the {value constraint} value 'true'.`)
  }
  return { kind: "value", value: toValue(type, text) }
}

const faultText = (text: string): ReadScalar => ({ kind: "fault", text })

function toValue({ base }: ScalarType, text: string): unknown {
  switch (base) {
    case "boolean":
      return text === "true" || text === "1"
    case "int":
    case "double":
      return Number(text)
    case "long":
      return text.replace(/^\+?0*(?=\d)/, "")
    case "string":
    case "token":
    case "dateTime":
    case "date":
      return text
    default:
      return base satisfies never
  }
}

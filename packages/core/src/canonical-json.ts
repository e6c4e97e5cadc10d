/**
 * JSON with sorted keys and no white space: equal values give equal bytes, so that they can be digested or signed.
 * Numbers and strings are written as by `JSON.stringify` (RFC 8785 agrees on both); keys are ordered by UTF-16 code
 * units.
 * @module
 */

/** A JSON value. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/**
 * Writes a value as canonical JSON, without its `undefined` members.
 *
 * @throws {TypeError} if a number is not finite, because JSON cannot express it.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError("expected a finite number")
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  if (isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key]
      return member === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(member)}`]
    })
  return `{${members.join(",")}}`
}

function isArray(value: object): value is readonly JsonValue[] {
  return Array.isArray(value)
}

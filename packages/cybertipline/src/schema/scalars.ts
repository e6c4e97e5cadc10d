import { compact } from "../compact.ts"
import type { ScalarType } from "./definition.ts"

/** Text of any length. */
export const text: ScalarType<string> = { kind: "scalar", base: "string" }

/** Text of at most so many characters (code points). */
export function textUpTo(maxLength: number): ScalarType<string> {
  return { kind: "scalar", base: "string", name: `text${maxLength}`, maxLength }
}

/** Text that says something, of at most so many characters. */
export function wordsUpTo(maxLength: number): ScalarType<string> {
  return { ...textUpTo(maxLength), name: `words${maxLength}`, nonBlank: true, pattern: "[\\s\\S]*\\S[\\s\\S]*" }
}

/** Text of one form. */
export function textLike(name: string, pattern: string, maxLength?: number): ScalarType<string> {
  return compact({ kind: "scalar", base: "string", name, pattern, maxLength })
}

/** One of a list of strings. */
export function oneOf<const Values extends readonly string[]>(
  name: string,
  values: Values,
): ScalarType<Values[number]> {
  return { kind: "scalar", base: "string", name, values }
}

/** A whole number within limits. */
export function intBetween(name: string, min: number, max: number): ScalarType<number> {
  return { kind: "scalar", base: "int", name, min, max }
}

/** A floating-point number within limits. */
export function doubleBetween(name: string, min: number, max: number): ScalarType<number> {
  return { kind: "scalar", base: "double", name, min, max }
}

/** `true` or `false`. */
export const boolean: ScalarType<boolean> = { kind: "scalar", base: "boolean" }

/** `true`, or not there at all. */
export const flag: ScalarType<true> = { kind: "scalar", base: "boolean", fixed: "true" }

/** An identifier of a report: decimal digits, 1 to 2^63 - 1, as a string because a number would lose digits. */
export const reportNumber: ScalarType<string> = { kind: "scalar", base: "long", name: "reportNumber", min: 1 }

/** A whole number of 32 bits, such as a response code. */
export const int: ScalarType<number> = { kind: "scalar", base: "int" }

/** An opaque identifier of a file: 32 hexadecimal digits as a rule, not relied upon. */
export const fileToken: ScalarType<string> = {
  kind: "scalar",
  base: "token",
  name: "fileToken",
  pattern: "[0-9A-Za-z_\\-]{1,128}",
}

/** A token of any form. */
export const token: ScalarType<string> = { kind: "scalar", base: "token" }

/** A moment in the past: ISO 8601 with seconds and an offset or `Z`, as in `2026-05-01T12:00:00+02:00`; kept as given. */
export const pastTime: ScalarType<string> = {
  kind: "scalar",
  base: "dateTime",
  name: "pastTime",
  pattern: "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+\\-][0-9]{2}:[0-9]{2})",
}

/** A day in the past, as in `1990-12-31`. */
export const pastDate: ScalarType<string> = {
  kind: "scalar",
  base: "date",
  name: "pastDate",
  pattern: "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}",
}

/** A URL with a scheme and without white space, of at most 2083 characters. */
export const url: ScalarType<string> = {
  kind: "scalar",
  base: "string",
  name: "url2083",
  maxLength: 2083,
  pattern: "\\S+",
  format: "url",
}

/** An e-mail address: at most 255 characters, of which 64 before the `@`. */
export const emailAddress: ScalarType<string> = {
  kind: "scalar",
  base: "string",
  name: "emailAddress",
  maxLength: 255,
  pattern: "[^\\s@]{1,64}@[^\\s@]+",
  format: "email",
}

/** An IPv4 or IPv6 address without zone, port or mask. */
export const ipAddress: ScalarType<string> = {
  kind: "scalar",
  base: "string",
  name: "ipAddress",
  maxLength: 45,
  pattern: "[0-9A-Fa-f.:]+",
  format: "ip",
}

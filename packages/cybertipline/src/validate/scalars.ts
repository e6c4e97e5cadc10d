import { isIP } from "node:net"
import type { ScalarType } from "../schema/definition.ts"
import type { ProblemCode } from "./problem.ts"

/** A problem of a scalar. */
export interface ScalarFault {
  readonly code: ProblemCode
  readonly message: string
}

const INT_LIMIT = 2 ** 31
const LONG_LIMIT = 9_223_372_036_854_775_807n

/**
 * Checks a value against a scalar type.
 *
 * @param now - Later times are in the future.
 * @returns The first fault, or `undefined` for a valid value. Never contains the value itself.
 */
export function faultOf(type: ScalarType, value: unknown, now: Date): ScalarFault | undefined {
  switch (type.base) {
    case "boolean":
      return booleanFault(type, value)
    case "int":
    case "double":
      return numberFault(type, value)
    case "long":
      return longFault(value)
    case "dateTime":
    case "date":
      return timeFault(type, value, now)
    case "string":
    case "token":
      return textFault(type, value)
    default:
      return type.base satisfies never
  }
}

const fault = (code: ProblemCode, message: string): ScalarFault => ({ code, message })

function booleanFault({ fixed }: ScalarType, value: unknown): ScalarFault | undefined {
  if (typeof value !== "boolean") return fault("type", "must be a boolean")
  return fixed === "true" && !value ? fault("type", "must be true or be left out") : undefined
}

function numberFault({ base, min, max }: ScalarType, value: unknown): ScalarFault | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return fault("type", "must be a number")
  if (base === "int" && !Number.isInteger(value)) return fault("type", "must be a whole number")
  const lowest = min ?? (base === "int" ? -INT_LIMIT : -Number.MAX_VALUE)
  const highest = max ?? (base === "int" ? INT_LIMIT - 1 : Number.MAX_VALUE)
  if (value >= lowest && value <= highest) return undefined
  return fault("out_of_range", `must lie between ${lowest} and ${highest}`)
}

function longFault(value: unknown): ScalarFault | undefined {
  if (typeof value !== "string") return fault("type", "must be a string of decimal digits")
  if (!/^[0-9]{1,19}$/.test(value)) return fault("malformed", "must be 1 to 19 decimal digits")
  const number = BigInt(value)
  return number >= 1n && number <= LONG_LIMIT ? undefined : fault("out_of_range", "must lie between 1 and 2^63 - 1")
}

function timeFault(type: ScalarType, value: unknown, now: Date): ScalarFault | undefined {
  const isDate = type.base === "date"
  const form = isDate ? "YYYY-MM-DD" : "ISO 8601 with seconds and an offset or Z"
  if (typeof value !== "string") return fault("type", `must be a string: ${form}`)
  if (!isDate && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(value)) {
    return fault("zone_missing", "needs an offset such as +02:00, or Z")
  }
  if (!matches(type, value) || !isOnCalendar(value)) return fault("malformed", `must be ${form}`)
  // Written so that a clock without a valid time lets nothing pass.
  return Date.parse(value) <= now.getTime() ? undefined : fault("in_future", "must lie in the past")
}

/** `Date.parse` reads the thirtieth of February as a day in March; a schema refuses it. */
function isOnCalendar(value: string): boolean {
  const [year = 0, month = 0, day = 0] = value.slice(0, 10).split("-").map(Number)
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return false
  const clock = /T(\d\d):(\d\d):(\d\d)/.exec(value)
  if (clock !== null && (Number(clock[1]) > 23 || Number(clock[2]) > 59 || Number(clock[3]) > 59)) return false
  const offset = /[+-](\d\d):(\d\d)$/.exec(value.slice(10))
  return offset === null || (Number(offset[1]) * 60 + Number(offset[2]) <= 14 * 60 && Number(offset[2]) <= 59)
}

function textFault(type: ScalarType, value: unknown): ScalarFault | undefined {
  if (typeof value !== "string") return fault("type", "must be a string")
  if (type.values !== undefined) {
    if (type.values.includes(value)) return undefined
    return fault("not_listed", `must be one of the ${type.values.length} values of ${type.name ?? "its type"}`)
  }
  if (type.nonBlank === true && value.trim() === "") return fault("blank", "must say something, or be left out")
  const length = lengthOf(value)
  if (type.maxLength !== undefined && length > type.maxLength) {
    return fault("too_long", `must have at most ${type.maxLength} characters, has ${length}`)
  }
  return hasForm(type, value)
    ? undefined
    : fault("malformed", `must be ${FORMS[type.format ?? ""] ?? "of its type's form"}`)
}

const FORMS: Readonly<Record<string, string>> = {
  url: "a URL with a scheme and without white space",
  email: "an e-mail address, with at most 64 characters before the @",
  ip: "an IPv4 or IPv6 address without zone, port or mask",
}

function hasForm(type: ScalarType, value: string): boolean {
  if (!matches(type, value)) return false
  if (type.format === "url") return URL.canParse(value)
  return type.format !== "ip" || isIP(value) !== 0
}

const compiled = new Map<string, RegExp>()

function matches({ pattern }: ScalarType, value: string): boolean {
  if (pattern === undefined) return true
  const known = compiled.get(pattern) ?? new RegExp(`^(?:${pattern})$`, "u")
  compiled.set(pattern, known)
  return known.test(value)
}

/** Length as XSD counts it: code points, not UTF-16 units. */
function lengthOf(value: string): number {
  let length = 0
  for (const _ of value) length++
  return length
}

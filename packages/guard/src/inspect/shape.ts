/**
 * Tables of known fields. A shape checks a JSON value, collects every part of it that could carry content, and returns
 * a copy that holds nothing else: the copy is what is forwarded.
 *
 * A string is one of a closed set, or it is inspected; there is no third kind.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import type { Channel, Role } from "./inspectable.ts"
import { PUBLIC_NAMES } from "./public-names.ts"
import type { Walk } from "./walk.ts"

/** Reads one value. `undefined` leaves the field out. @throws {GuardRefusal} for a value that is not of this shape. */
export type Shape = (value: unknown, path: string, walk: Walk) => JsonValue | undefined

/** A string that is inspected. */
export function text(channel: Channel): Shape {
  return (value, path, walk) => {
    if (typeof value !== "string") throw walk.fail("expected a string", path)
    if (!value.isWellFormed()) throw walk.fail("a string holds half a character", path)
    if (value !== "") {
      walk.items.push({
        kind: "text",
        role: walk.role,
        channel: walk.channel ?? channel,
        choice: walk.choice,
        path,
        text: value,
      })
    }
    return value
  }
}

/** One of a closed set of values, which need no inspection. */
export function oneOf(...values: readonly (string | number | boolean)[]): Shape {
  return (value, path, walk) => {
    if (!values.includes(value as string)) throw walk.fail("a value is not known", path)
    return value as JsonValue
  }
}

/** A number. */
export function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Shape {
  return (value, path, walk) => {
    if (typeof value !== "number" || !Number.isFinite(value) || value < min || value > max) {
      throw walk.fail("expected a number within its limits", path)
    }
    return value
  }
}

/** A whole number. */
export function integer(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Shape {
  return (value, path, walk) => {
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
      throw walk.fail("expected a whole number within its limits", path)
    }
    return value as number
  }
}

/** `true` or `false`. */
export const flag: Shape = (value, path, walk) => {
  if (typeof value !== "boolean") throw walk.fail("expected true or false", path)
  return value
}

/** The shape, or `null`. */
export function nullable(shape: Shape): Shape {
  return (value, path, walk) => (value === null ? null : shape(value, path, walk))
}

/** An array. */
export function list(shape: Shape, maxItems = 4096): Shape {
  return (value, path, walk) => {
    if (!Array.isArray(value)) throw walk.fail("expected an array", path)
    if (value.length > maxItems) throw walk.fail("an array has too many items", path)
    return value.map((item: unknown, index) => shape(item, `${path}[${index}]`, walk) ?? null)
  }
}

/** Fields by name. */
export type Fields = Readonly<Record<string, Shape>>

/** An object of known fields, the first table's required. */
export function object(required: Fields, optional: Fields = {}): Shape {
  const shapes = new Map(Object.entries({ ...required, ...optional }))
  const needed = Object.keys(required)
  return (value, path, walk) => {
    const fields = asObject(value, path, walk)
    const copy: Record<string, JsonValue> = {}
    for (const name in fields) {
      const shape = shapes.get(name)
      if (shape === undefined) {
        if (walk.unknownFields === "refuse") throw unknownField(name, path, walk)
        walk.dropped++
        continue
      }
      const read = shape(fields[name], path === "" ? name : `${path}.${name}`, walk)
      if (read !== undefined) copy[name] = read
    }
    for (const name of needed) {
      if (!(name in fields)) throw walk.fail("a field is missing", path === "" ? name : `${path}.${name}`)
    }
    return copy
  }
}

/** An object with the caller's own keys: keys and values are inspected. */
export function record(channel: Channel, shape: Shape, maxKeys = 1024): Shape {
  return (value, path, walk) => {
    const fields = asObject(value, path, walk)
    const names = Object.keys(fields)
    if (names.length > maxKeys) throw walk.fail("an object has too many fields", path)
    const copy: Record<string, JsonValue> = {}
    for (const [index, name] of names.entries()) {
      text(channel)(name, `${path}{${index}}`, walk)
      const read = shape(fields[name], `${path}{${index}}.value`, walk)
      if (read !== undefined) copy[name] = read
    }
    return copy
  }
}

/** Any JSON, as in a schema or a tool's arguments: every key and string of it is inspected. */
export function anyJson(channel: Channel): Shape {
  const shape: Shape = (value, path, walk) => {
    if (typeof value === "string") return text(channel)(value, path, walk)
    if (typeof value === "number") return number()(value, path, walk)
    if (typeof value === "boolean" || value === null) return value
    if (Array.isArray(value)) return list(shape, 65_536)(value, path, walk)
    return record(channel, shape, 65_536)(value, path, walk)
  }
  return shape
}

/** Shapes by the JSON type of the value. */
export interface ByType {
  readonly string?: Shape
  readonly number?: Shape
  readonly boolean?: Shape
  readonly array?: Shape
  readonly object?: Shape
  readonly null?: Shape
}

/** Chooses a shape by the value's JSON type. */
export function byType(shapes: ByType): Shape {
  return (value, path, walk) => {
    const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value
    const shape = shapes[type as keyof ByType]
    if (shape === undefined) throw walk.fail("a value has the wrong type", path)
    return shape(value, path, walk)
  }
}

/** Chooses a shape by the value of one field. `otherwise` reads a value without that field. */
export function variants(field: string, shapes: Readonly<Record<string, Shape>>, otherwise?: Shape): Shape {
  const known = new Map(Object.entries(shapes))
  return (value, path, walk) => {
    const name = asObject(value, path, walk)[field]
    const shape = name === undefined ? otherwise : typeof name === "string" ? known.get(name) : undefined
    if (shape === undefined) {
      const isPublic = typeof name === "string" && PUBLIC_NAMES.has(name)
      const what = isPublic ? `a kind is not allowed, ${name}` : "a kind is not known"
      throw walk.fail(what, path === "" ? field : `${path}.${field}`, "unsupported_parameter")
    }
    return shape(value, path, walk)
  }
}

/** A field that the guard refuses, whatever its value; `null` counts as absent. */
export function refused(why: string): Shape {
  return (value, path, walk) => {
    if (value === null) return undefined
    if (walk.unknownFields === "drop") {
      walk.dropped++
      return undefined
    }
    throw walk.fail(why, path, "unsupported_parameter")
  }
}

/** A field that is left out of the copy. */
export const omitted: Shape = (_value, _path, walk) => {
  walk.dropped++
  return undefined
}

/** Reads a shape with a role, and, if a channel is given, with all its texts on that channel. */
export function withRole(role: Role, shape: Shape, channel?: Channel): Shape {
  return (value, path, walk) => {
    const before = { role: walk.role, channel: walk.channel }
    walk.role = role
    if (channel !== undefined) walk.channel = channel
    try {
      return shape(value, path, walk)
    } finally {
      walk.role = before.role
      walk.channel = before.channel
    }
  }
}

/** A refusal that names a field only where its name is public: a caller's own words are not repeated. */
function unknownField(name: string, path: string, walk: Walk): Error {
  if (!PUBLIC_NAMES.has(name)) return walk.fail("a field is not known", path, "unsupported_parameter")
  return walk.fail("a field is not allowed", path === "" ? name : `${path}.${name}`, "unsupported_parameter")
}

function asObject(value: unknown, path: string, walk: Walk): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw walk.fail("expected an object", path)
  return value as Record<string, unknown>
}

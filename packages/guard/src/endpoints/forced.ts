/**
 * Shapes of request fields whose value the guard decides.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import type { Shape } from "../inspect/shape.ts"

/** A field that is sent with one fixed value, whatever the caller asks; the caller's value must have a shape. */
export function alwaysSends(value: JsonValue, shape: Shape): Shape {
  return (given, path, walk) => {
    if (given !== null) shape(given, path, walk)
    return value
  }
}

/** A field that is not forwarded; the caller's value must have a shape. */
export function dropped(shape: Shape): Shape {
  return (given, path, walk) => {
    if (given !== null) shape(given, path, walk)
    walk.dropped++
    return undefined
  }
}

/** A switch that must be off. */
export function mustBeOff(why: string): Shape {
  return (given, path, walk) => {
    if (given === null || given === false) return false
    throw walk.fail(why, path, "unsupported_parameter")
  }
}

/** A text that its codec collects from pieces; only the codec ensures whole characters. */
export const growing: Shape = (value, path, walk) => {
  if (typeof value !== "string") throw walk.fail("expected a string", path)
  if (!value.isWellFormed()) throw walk.fail("a string holds half a character", path)
  return value
}

/** A value that is read by another shape later, or not at all. */
export const unread: Shape = (value) => value as JsonValue

/**
 * JSON bodies of callers and of the upstream, read strictly.
 * @module
 */
import { NightlightError, parseStrictJson, parseStrictJsonText } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"

/** Reads a caller's body. @throws {GuardRefusal} `invalid_body`; never quotes the body. */
export function readBody(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes)
  } catch (error) {
    throw new GuardRefusal("invalid_body", messageOf(error))
  }
}

/** Reads an answer or an event of the upstream. @throws {GuardRefusal} `upstream_failed`. */
export function readUpstreamJson(source: Uint8Array | string): unknown {
  try {
    return typeof source === "string" ? parseStrictJsonText(source) : parseStrictJson(source)
  } catch {
    throw new GuardRefusal("upstream_failed", "the upstream's answer is not JSON that can be read in one way")
  }
}

function messageOf(error: unknown): string {
  return error instanceof NightlightError ? error.message : "the body cannot be read"
}

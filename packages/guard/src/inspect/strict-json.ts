/**
 * JSON bodies of callers and of the upstream, read strictly.
 * @module
 */
import { JSON_BOUNDS, type JsonBounds, NightlightError, parseStrictJson, parseStrictJsonText } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"

/** For callers: long conversations and many tools stay far below; long texts have many escapes. */
const CALLERS: JsonBounds = { ...JSON_BOUNDS, escapes: 2_000_000 }

/** For the upstream: thousands of embeddings, probabilities of every token. Bytes have a limit of their own. */
const UPSTREAM: JsonBounds = {
  ...JSON_BOUNDS,
  values: 10_000_000,
  escapes: Number.POSITIVE_INFINITY,
  blankBytes: Number.POSITIVE_INFINITY,
}

/** Reads a caller's body. @throws {GuardRefusal} `invalid_body`; never quotes the body. */
export function readBody(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes, CALLERS)
  } catch (error) {
    throw new GuardRefusal("invalid_body", messageOf(error))
  }
}

/** Reads an answer or an event of the upstream. @throws {GuardRefusal} `upstream_failed`. */
export function readUpstreamJson(source: Uint8Array | string): unknown {
  try {
    return typeof source === "string" ? parseStrictJsonText(source, UPSTREAM) : parseStrictJson(source, UPSTREAM)
  } catch {
    throw new GuardRefusal("upstream_failed", "the upstream's answer is not unambiguous JSON")
  }
}

function messageOf(error: unknown): string {
  return error instanceof NightlightError ? error.message : "the body cannot be read"
}

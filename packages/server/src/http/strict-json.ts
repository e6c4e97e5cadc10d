/**
 * JSON bodies read so that no two programs can read them differently: UTF-8 without a mark, no key twice, no key that
 * JavaScript gives a meaning, no integer beyond 2^53, bounded depth.
 * @module
 */
import { RequestError } from "@nightlight/core"

/** Deepest nesting that is read. */
export const JSON_DEPTH_MAX = 64

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|-?\d[\d.eE+-]*/g
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"])

/**
 * Reads a body.
 *
 * @throws {RequestError} `input_invalid`; the message never quotes the body.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes)
  const value = parse(text)
  assertStrict(text)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalid("not UTF-8")
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid("not JSON")
  }
}

/** Goes over the tokens of a text that is JSON. */
function assertStrict(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let keyNext = false
  for (const [token] of text.matchAll(TOKEN)) {
    const keys = open.at(-1)
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined)
      if (open.length > JSON_DEPTH_MAX) throw invalid("nested too deeply")
      keyNext = token === "{"
    } else if (token === "}" || token === "]") {
      open.pop()
      keyNext = false
    } else if (token === ",") keyNext = keys !== undefined
    else if (token === ":") keyNext = false
    else if (token.startsWith('"')) {
      if (keyNext && keys !== undefined) addKey(keys, JSON.parse(token) as string)
    } else if (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))) throw invalid("an integer beyond 2^53")
  }
}

function addKey(keys: Set<string>, key: string): void {
  if (keys.has(key)) throw invalid("a key twice")
  if (FORBIDDEN_KEYS.has(key)) throw invalid("a key that is not allowed")
  keys.add(key)
}

function invalid(what: string): RequestError {
  return new RequestError("input_invalid", `the body cannot be read: ${what}`)
}

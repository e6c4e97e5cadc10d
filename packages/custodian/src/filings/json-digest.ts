import type { JsonValue } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import { refusal } from "../refusal.ts"

/**
 * SHA-256, lower-case hexadecimal, of a parsed body's canonical JSON.
 *
 * @throws {RequestError} `input_invalid` (`malformed`) if the body is missing, or nested too deeply.
 */
export function jsonDigest(value: unknown): string {
  try {
    return canonicalDigest(value as JsonValue)
  } catch {
    throw refusal("malformed", "expected a JSON document")
  }
}

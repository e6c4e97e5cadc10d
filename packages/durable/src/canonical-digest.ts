import { createHash } from "node:crypto"
import { canonicalJson, type JsonValue } from "@nightlight/core"

/** SHA-256, lower-case hexadecimal, of a value's canonical JSON. @throws {TypeError} as {@link canonicalJson}. */
export function canonicalDigest(value: JsonValue): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex")
}

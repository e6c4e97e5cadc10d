import { createHash } from "node:crypto"
import { canonicalJson, type JsonValue } from "@nightlight/core"

/** SHA-256, hexadecimal, of a configuration's canonical JSON: its identity in the journal. */
export function configDigest(written: JsonValue): string {
  return createHash("sha256").update(canonicalJson(written)).digest("hex")
}

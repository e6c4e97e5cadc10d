/**
 * P-256 keys and signatures as people's programs make them with WebCrypto.
 * @module
 */
import { verify } from "node:crypto"
import { canonicalJson, type JsonValue } from "@nightlight/core"
import { readP256 } from "@nightlight/vault/webauthn"

/** Whether the key made this signature (r and s, 64 bytes, base64url) over the value's canonical JSON. */
export function isSignedBy(value: JsonValue, signature: string, point: string): boolean {
  const key = readP256(point)
  if (key === undefined) return false
  const bytes = Buffer.from(canonicalJson(value))
  return verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"))
}

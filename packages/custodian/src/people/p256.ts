/**
 * P-256 keys and signatures as people's programs make them with WebCrypto.
 * @module
 */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto"
import { canonicalJson, type JsonValue } from "@nightlight/core"

const POINT_BYTES = 65
const UNCOMPRESSED = 4

/**
 * Reads a public key.
 *
 * @param point - Uncompressed, 65 bytes, base64url.
 * @returns `undefined` if it is no point of the curve.
 */
export function readPoint(point: string): KeyObject | undefined {
  const bytes = Buffer.from(point, "base64url")
  if (bytes.length !== POINT_BYTES || bytes[0] !== UNCOMPRESSED) return undefined
  const x = bytes.subarray(1, 33).toString("base64url")
  const y = bytes.subarray(33).toString("base64url")
  try {
    return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" })
  } catch {
    return undefined
  }
}

/** Whether a signature (r and s, 64 bytes, base64url) is that key's over the value's canonical JSON. */
export function isSignedBy(value: JsonValue, signature: string, point: string): boolean {
  const key = readPoint(point)
  if (key === undefined) return false
  const bytes = Buffer.from(canonicalJson(value))
  return verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"))
}

/** First 16 hexadecimal digits of the SHA-256 of the point's bytes: what a journal knows a key by. */
export function keyIdOfPoint(point: string): string {
  return createHash("sha256").update(Buffer.from(point, "base64url")).digest("hex").slice(0, 16)
}

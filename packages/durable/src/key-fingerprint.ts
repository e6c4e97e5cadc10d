import { createHash } from "node:crypto"

/** SHA-256 of a public key's 32 bytes (base64url) as 64 hexadecimal digits, with which people compare keys. */
export function fingerprintOf(publicKey: string): string {
  return createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex")
}

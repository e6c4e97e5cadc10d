import { createHash } from "node:crypto"

/** SHA-256 of a public key's 32 bytes (base64url), by which people compare keys: 64 hexadecimal digits. */
export function fingerprintOf(publicKey: string): string {
  return createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex")
}

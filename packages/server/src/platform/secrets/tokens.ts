/**
 * Bearer tokens: of sessions, links and keys. A row holds the digest; the token is shown once.
 * @module
 */
import { createHash, randomBytes } from "node:crypto"

/** Makes a token: 32 random bytes, 43 characters of base64url. */
export function newToken(): string {
  return randomBytes(32).toString("base64url")
}

/**
 * The digest of a token for its row: SHA-256, 64 hexadecimal digits. A token is as random as a key, so a slow hash
 * would add nothing.
 */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex")
}

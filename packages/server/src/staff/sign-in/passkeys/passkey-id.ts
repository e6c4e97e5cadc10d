import { createHash } from "node:crypto"

/** What the log knows a passkey by: the first 16 hexadecimal digits of its id's SHA-256. */
export function passkeyId(credentialId: string): string {
  return createHash("sha256").update(credentialId).digest("hex").slice(0, 16)
}

import { createHash } from "node:crypto"

/** The id of a passkey in the log: the first 16 hexadecimal digits of its credential id's SHA-256. */
export function passkeyId(credentialId: string): string {
  return createHash("sha256").update(credentialId).digest("hex").slice(0, 16)
}

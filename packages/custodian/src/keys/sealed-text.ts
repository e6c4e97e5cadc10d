/**
 * Short texts sealed to the custodian's own key: one-time codes and credentials at rest.
 * @module
 */
import { sealWhole, unsealWhole } from "@nightlight/vault"

/** Seals a text to one recipient. Returns a binary age file. */
export async function sealText(text: string, recipient: string): Promise<Uint8Array> {
  return sealWhole(new TextEncoder().encode(text), [recipient])
}

/**
 * Opens what {@link sealText} made.
 *
 * @throws {IntegrityError} `key_unusable`, `evidence_digest_mismatch` if it is for another key, or damaged.
 */
export async function openText(sealed: Uint8Array, identities: readonly string[]): Promise<string> {
  return (await unsealWhole(sealed, identities)).toString("utf8")
}

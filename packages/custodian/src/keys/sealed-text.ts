/**
 * Short texts sealed to the custodian's own key: one-time codes and credentials at rest.
 * @module
 */
import { seal, unseal } from "@nightlight/vault"

/** Seals a text to one recipient. Returns a binary age file. */
export async function sealText(text: string, recipient: string): Promise<Uint8Array> {
  return collect(seal(once(new TextEncoder().encode(text)), [recipient]))
}

/**
 * Opens what {@link sealText} made.
 *
 * @throws {IntegrityError} `key_unusable`, `evidence_digest_mismatch` if it is for another key, or damaged.
 */
export async function openText(sealed: Uint8Array, identities: readonly string[]): Promise<string> {
  return (await collect(unseal(once(sealed), identities))).toString("utf8")
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of chunks) parts.push(part)
  return Buffer.concat(parts)
}

/**
 * Sealing and opening what fits in memory, such as a text.
 * @module
 */
import { unseal } from "./opening.ts"
import { seal } from "./sealing.ts"

/** Seals bytes to recipients. Returns a binary age file. */
export function sealWhole(bytes: Uint8Array, recipients: readonly string[]): Promise<Buffer> {
  return collect(seal(once(bytes), recipients))
}

/**
 * Opens what {@link sealWhole} made.
 *
 * @throws {IntegrityError} `key_unusable`, `evidence_digest_mismatch` if it is for another key, or damaged.
 */
export function unsealWhole(sealed: Uint8Array, identities: readonly string[]): Promise<Buffer> {
  return collect(unseal(once(sealed), identities))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of chunks) parts.push(part)
  return Buffer.concat(parts)
}

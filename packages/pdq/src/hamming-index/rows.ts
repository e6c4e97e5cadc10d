/**
 * Hashes as rows of 32 bytes.
 * @module
 */
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"

/**
 * Number of hashes in a buffer.
 *
 * @throws {PdqError} `hash_malformed` unless it is a `Uint8Array` of whole hashes.
 */
export function rowsOf(hashes: Uint8Array): number {
  if (!(hashes instanceof Uint8Array) || hashes.length % HASH_BYTES !== 0) {
    const got = hashes instanceof Uint8Array ? `${hashes.length} bytes` : typeof hashes
    throw new PdqError("hash_malformed", `expected whole hashes of ${HASH_BYTES} bytes, got ${got}`)
  }
  return hashes.length / HASH_BYTES
}

/**
 * Checks a single hash.
 *
 * @throws {PdqError} `hash_malformed` unless it is a `Uint8Array` of 32 bytes.
 */
export function assertHash(hash: Uint8Array): void {
  if (rowsOf(hash) !== 1) throw new PdqError("hash_malformed", `expected one hash, got ${hash.length} bytes`)
}

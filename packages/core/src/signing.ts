/**
 * Ports with which a package signs and verifies documents without its own keys.
 * @module
 */

/** Signs bytes with the workspace's key. */
export interface Signer {
  /** Id of the public key: lower-case hexadecimal SHA-256 of its raw bytes, first 16 digits. */
  readonly keyId: string
  /** Ed25519 signature, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array
}

/** Verifies signatures of a {@link Signer}. */
export interface Verifier {
  readonly keyId: string
  verify(bytes: Uint8Array, signature: Uint8Array): boolean
  /** Verifier for the key that this one replaced; absent where it replaced none. */
  readonly earlier?: (keyId: string) => Verifier | undefined
}

/** The verifier for a document that names its key: this one, or the one for an earlier key. */
export function verifierFor(verifier: Verifier, keyId: unknown): Verifier | undefined {
  if (keyId === verifier.keyId) return verifier
  return typeof keyId === "string" ? verifier.earlier?.(keyId) : undefined
}

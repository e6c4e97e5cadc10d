/**
 * Ports through which a package signs and checks documents without holding keys itself.
 * @module
 */

/** Signs bytes with the workspace's key. */
export interface Signer {
  /** Id of the public key: lower-case hexadecimal SHA-256 of its raw bytes, first 16 digits. */
  readonly keyId: string
  /** Ed25519 signature, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array
}

/** Checks what a {@link Signer} made. */
export interface Verifier {
  readonly keyId: string
  verify(bytes: Uint8Array, signature: Uint8Array): boolean
  /** Checks what a key signed whose place this one has taken; absent where it took none. */
  readonly earlier?: (keyId: string) => Verifier | undefined
}

/** What checks a document that names its key: the verifier itself, or that of an earlier key. */
export function verifierFor(verifier: Verifier, keyId: unknown): Verifier | undefined {
  if (keyId === verifier.keyId) return verifier
  return typeof keyId === "string" ? verifier.earlier?.(keyId) : undefined
}

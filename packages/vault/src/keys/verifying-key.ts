import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto"
import { IntegrityError, type Verifier } from "@nightlight/core"

/**
 * Makes a verifier from the text of a public key (PEM, SPKI, Ed25519).
 *
 * @throws {IntegrityError} `key_unusable` if it is not such a key.
 */
export function toVerifier(publicKeyPem: string): Verifier {
  const key = readPublicKey(publicKeyPem)
  return {
    keyId: keyIdOf(key),
    verify: (bytes, signature) => signature.length === 64 && verify(null, bytes, key, signature),
  }
}

/** The id that signatures name: see core's `Signer.keyId`. */
export function keyIdOf(key: KeyObject): string {
  const raw = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url")
  return createHash("sha256").update(raw).digest("hex").slice(0, 16)
}

function readPublicKey(pem: string): KeyObject {
  try {
    // createPublicKey would also accept a private key and derive the public one: a secret in the wrong place.
    if (/^-----BEGIN PUBLIC KEY-----\r?\n/.test(pem)) {
      const key = createPublicKey(pem)
      if (key.asymmetricKeyType === "ed25519") return key
    }
  } catch {
    // Reported below.
  }
  throw new IntegrityError("key_unusable", "not an Ed25519 public key")
}

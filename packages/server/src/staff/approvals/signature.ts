/**
 * Checks a person's signature over a document, made with a passkey or with a kept key that the custodian lists for
 * them.
 * @module
 */
import { createHash, verify } from "node:crypto"
import { readPasskeySignature, signedBy } from "@nightlight/contract/custodian"
import { canonicalJson, type JsonValue } from "@nightlight/core"
import { checkAssertion, type RelyingParty, readP256 } from "@nightlight/vault/webauthn"

/** A public key that the custodian enrolled. */
export interface EnrolledKey {
  /** First 16 digits of the public key's SHA-256. */
  readonly keyId: string
  /** Uncompressed P-256 point, base64url. */
  readonly publicKey: string
}

/** A signature, its document and its key. */
export interface SignatureCheck {
  readonly document: JsonValue
  readonly signature: string
  readonly publicKey: string
  /** Relying party of the passkeys. */
  readonly party: RelyingParty
}

/** Whether the key signed the document. */
export function isSignatureOf({ document, signature, publicKey, party }: SignatureCheck): boolean {
  const bytes = Buffer.from(canonicalJson(document))
  if (signedBy(signature) === "passkey") {
    const assertion = readPasskeySignature(signature)
    if (assertion === undefined) return false
    const checked = checkAssertion(
      {
        authenticatorData: Buffer.from(assertion.authenticatorData, "base64url"),
        clientData: Buffer.from(assertion.clientData, "base64url"),
        signature: Buffer.from(assertion.signature, "base64url"),
      },
      { party, challenge: createHash("sha256").update(bytes).digest(), publicKey },
    )
    return !("fault" in checked)
  }
  const key = readP256(publicKey)
  if (key === undefined) return false
  return verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"))
}

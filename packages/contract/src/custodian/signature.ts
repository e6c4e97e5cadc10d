/**
 * Signatures of people over documents: by a passkey, which asks for a gesture for each document, or by the key that a
 * browser keeps, which signs whatever a page passes to it.
 * @module
 */
import { canonicalJson, type JsonValue } from "@nightlight/core"
import { z } from "zod"
import { CanonicalBase64Url } from "./base64url.ts"

/**
 * Uncompressed P-256 point, 65 bytes of which the first is 4, base64url: what WebCrypto exports as `raw`. The last
 * character's two spare bits are zero: one key has one text.
 */
export const P256PublicKey = z.string().regex(/^B[A-P][A-Za-z0-9_-]{84}[AEIMQUYcgkosw048]$/)

/** Id of a passkey, at most 1023 bytes (WebAuthn, section 5.8.3), base64url. */
export const CredentialId = CanonicalBase64Url.min(16).max(1364)

/**
 * A signature, as text. By a kept key: ECDSA P-256 with SHA-256 over the canonical JSON of the document, r and s, 64
 * bytes, base64url. By a passkey: `passkey.`, then credential id, authenticator data, client data and signature (DER)
 * of a WebAuthn assertion, each base64url, with dots between them; its challenge is {@link passkeyChallenge}.
 */
export const PersonSignature = z
  .string()
  .max(8192)
  .regex(/^(?:[A-Za-z0-9_-]{85}[AQgw]|passkey(?:\.[A-Za-z0-9_-]{1,4096}){4})$/)

/** Kinds of key behind a signature: `kept-key` needed no gesture. */
export const SIGNED_BY = ["passkey", "kept-key"] as const
/** One of {@link SIGNED_BY}. */
export type SignedBy = (typeof SIGNED_BY)[number]

/** A WebAuthn assertion, each member base64url as the browser gave its bytes. */
export const PasskeyAssertion = z.strictObject({
  credentialId: CredentialId,
  authenticatorData: CanonicalBase64Url.min(1).max(2048),
  clientData: CanonicalBase64Url.min(1).max(4096),
  /** ASN.1 DER. */
  signature: CanonicalBase64Url.min(1).max(256),
})
export type PasskeyAssertion = z.infer<typeof PasskeyAssertion>

const PREFIX = "passkey."
const PARTS = 4
const utf8 = new TextEncoder()

/** The kind of key that made a signature, by its form alone. */
export function signedBy(signature: string): SignedBy {
  return signature.startsWith(PREFIX) ? "passkey" : "kept-key"
}

/** Writes an assertion as a {@link PersonSignature}. */
export function toPasskeySignature(assertion: PasskeyAssertion): string {
  const { credentialId, authenticatorData, clientData, signature } = assertion
  return `${PREFIX}${[credentialId, authenticatorData, clientData, signature].join(".")}`
}

/**
 * Parses a {@link PersonSignature} of a passkey, only in the form that {@link toPasskeySignature} writes; else
 * `undefined`.
 */
export function readPasskeySignature(text: string): PasskeyAssertion | undefined {
  if (signedBy(text) !== "passkey") return undefined
  const parts = text.slice(PREFIX.length).split(".")
  const [credentialId, authenticatorData, clientData, signature] = parts
  if (parts.length !== PARTS) return undefined
  return PasskeyAssertion.safeParse({ credentialId, authenticatorData, clientData, signature }).data
}

/** Challenge that a passkey signs for a document: SHA-256 of its canonical JSON, 32 bytes. */
export function passkeyChallenge(document: JsonValue): Promise<Uint8Array<ArrayBuffer>> {
  return sha256(canonicalJson(document))
}

/**
 * The challenge that a passkey signs for a sign-in, never the server's own bytes: no digest of a document can pass for
 * it, since a document's canonical JSON begins with a brace.
 *
 * @param nonce - As the server sent it.
 */
export function signInChallenge(nonce: string): Promise<Uint8Array<ArrayBuffer>> {
  return sha256(`nightlight-sign-in/1\n${nonce}`)
}

async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)))
}

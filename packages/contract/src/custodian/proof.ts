/**
 * Proofs that people give to the custodian, and decryption of its answers: only WebCrypto, so that a browser, Node and
 * tests share it. ECDSA and ECDH on P-256, HMAC and HKDF with SHA-256, AES-256-GCM.
 * @module
 */
import { canonicalJson, compact, type JsonValue } from "@nightlight/core"
import type { z } from "zod"
import { type Attestation, type PasskeyKey, VIEWING_KEY_INFO, type ViewingAnswer } from "./api.ts"
import { type ApprovalProof, type ApprovalStep, type ApprovalTerms, approvalStatement } from "./approval.ts"
import { fromBase64Url, toBase64Url } from "./base64url.ts"
import type { CheckpointRestart } from "./checkpoint-restart.ts"
import type { AuthorisationRevocation, FilingAuthorisation } from "./filing-authorisation.ts"
import type { Grant, GrantProof } from "./grant.ts"
import { type PasskeyAssertion, passkeyChallenge, toPasskeySignature } from "./signature.ts"

/** A WebCrypto key. */
export type CustodyKey = Parameters<typeof crypto.subtle.exportKey>[1]

/** A WebCrypto key pair with its public half in the form that the custodian accepts. */
export interface CustodyKeyPair {
  readonly privateKey: CustodyKey
  /** Uncompressed P-256 point, 65 bytes, base64url. */
  readonly publicKey: string
}

/** A passkey: asks its person for a gesture, then signs. */
export interface PasskeySigner {
  /** @param challenge - 32 bytes. */
  assert(challenge: Uint8Array<ArrayBuffer>): Promise<PasskeyAssertion>
}

/** A key that a person signs with: a passkey, or the private half of a kept key. */
export type SigningKey = CustodyKey | PasskeySigner

const SIGNING = { name: "ECDSA", namedCurve: "P-256" } as const
const AGREEING = { name: "ECDH", namedCurve: "P-256" } as const
const ECDSA = { name: "ECDSA", hash: "SHA-256" } as const
const utf8 = new TextEncoder()

/**
 * Makes a person's signing key.
 *
 * @param extractable - Whether the private half can be exported; a browser keeps one that cannot.
 */
export function createPersonKey(extractable = false): Promise<CustodyKeyPair> {
  return createPair(SIGNING, extractable, ["sign", "verify"])
}

/** Makes a viewer's key for one viewing; its private half never leaves the program that made it. */
export function createViewerKey(): Promise<CustodyKeyPair> {
  return createPair(AGREEING, false, ["deriveBits"])
}

/** Proves a grant as one person: signed over the grant's canonical JSON. */
export async function proveGrant(grant: Grant, person: string, key: SigningKey): Promise<GrantProof> {
  return { person, signature: await signDocument(grant, key) }
}

/** Returns the signed terms of an approval as the server shows it. */
export async function approvalTerms(approval: {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly payload: unknown
  readonly grant?: unknown
}): Promise<ApprovalTerms> {
  const { id, kind, subject, payload, grant } = approval
  return compact({
    approvalId: id,
    kind,
    subject,
    payloadSha256: await documentDigest(payload as JsonValue),
    grantSha256: grant === undefined ? undefined : await documentDigest(grant as JsonValue),
  })
}

/** Signs an approval as its requester or its approver. */
export async function proveApproval(
  approval: ApprovalTerms,
  { step, person, at }: { readonly step: ApprovalStep; readonly person: string; readonly at: string },
  key: SigningKey,
): Promise<ApprovalProof> {
  return {
    at,
    proof: { person, signature: await signDocument(approvalStatement(approval, { step, person, at }), key) },
  }
}

/** Proves a restart of checkpoints as its person. */
export async function proveCheckpointRestart(restart: CheckpointRestart, key: SigningKey): Promise<GrantProof> {
  return { person: restart.person, signature: await signDocument(restart, key) }
}

/** Proves a filing authorisation as one of its two people. */
export async function proveFilingAuthorisation(
  authorisation: FilingAuthorisation,
  person: string,
  key: SigningKey,
): Promise<GrantProof> {
  return { person, signature: await signDocument(authorisation, key) }
}

/** Proves the end of a filing authorisation as one of its two people. */
export async function proveAuthorisationRevocation(
  revocation: AuthorisationRevocation,
  key: SigningKey,
): Promise<GrantProof> {
  return { person: revocation.person, signature: await signDocument(revocation, key) }
}

/** Signs an attestation; its `signature` member, base64url. */
export function signAttestation(attestation: z.infer<typeof Attestation>, key: SigningKey): Promise<string> {
  return signDocument(attestation, key)
}

/**
 * Proves that the holder of a one-time code enrols these keys.
 *
 * @param code - As it was shown or typed: case, blanks and dashes do not count.
 * @param publicKey - Base64url, from {@link createPersonKey}.
 * @returns HMAC-SHA-256 under the code over {@link enrolmentText}; base64url.
 */
export async function enrolmentProof(
  code: string,
  person: string,
  publicKey: string,
  passkey?: PasskeyKey,
): Promise<string> {
  const plainCode = code.toUpperCase().replaceAll(/[^0-9A-Z]/g, "")
  const key = await crypto.subtle.importKey("raw", utf8.encode(plainCode), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ])
  return toBase64Url(
    new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(enrolmentText(person, publicKey, passkey)))),
  )
}

/** Text that a one-time code authenticates: person and keys, separated by newlines. */
export function enrolmentText(person: string, publicKey: string, passkey?: PasskeyKey): string {
  const keys = passkey === undefined ? [publicKey] : [publicKey, passkey.credentialId, passkey.publicKey]
  return [person, ...keys].join("\n")
}

/**
 * SHA-256, lower-case hexadecimal, of a value's canonical JSON: the form in which a grant names a report's document and
 * a file's details.
 */
export async function documentDigest(value: JsonValue): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(canonicalJson(value))))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/**
 * Opens the answer to a viewing.
 *
 * @param viewer - The pair whose public half is in the grant.
 * @throws {Error} WebCrypto's `OperationError` if the answer is for another key or grant, or was altered.
 */
export async function openViewing(answer: ViewingAnswer, viewer: CustodyKeyPair, grantId: string): Promise<Uint8Array> {
  const { key, additionalData } = await viewingKey(viewer.privateKey, {
    otherKey: answer.senderKey,
    salt: viewingSalt(answer.senderKey, viewer.publicKey),
    grantId,
  })
  const cipher = { name: "AES-GCM", iv: fromBase64Url(answer.iv), additionalData }
  return new Uint8Array(await crypto.subtle.decrypt(cipher, key, fromBase64Url(answer.ciphertext)))
}

/**
 * Encrypts bytes to a viewer's key, as the custodian does.
 *
 * @param viewerKey - Public half, base64url, from the grant.
 * @throws {Error} WebCrypto's `DataError` if the key is not a point of the curve.
 */
export async function sealViewing(
  bytes: Uint8Array<ArrayBuffer>,
  viewerKey: string,
  grantId: string,
): Promise<Pick<ViewingAnswer, "senderKey" | "iv" | "ciphertext">> {
  const sender = await createViewerKey()
  const { key, additionalData } = await viewingKey(sender.privateKey, {
    otherKey: viewerKey,
    salt: viewingSalt(sender.publicKey, viewerKey),
    grantId,
  })
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, bytes)
  return { senderKey: sender.publicKey, iv: toBase64Url(iv), ciphertext: toBase64Url(new Uint8Array(ciphertext)) }
}

interface ViewingKeyParts {
  readonly otherKey: string
  readonly salt: Uint8Array<ArrayBuffer>
  readonly grantId: string
}

async function viewingKey(privateKey: CustodyKey, { otherKey, salt, grantId }: ViewingKeyParts) {
  const other = await crypto.subtle.importKey("raw", fromBase64Url(otherKey), AGREEING, true, [])
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, privateKey, 256)
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"])
  const hkdf = { name: "HKDF", hash: "SHA-256", salt, info: utf8.encode(VIEWING_KEY_INFO) }
  const key = await crypto.subtle.deriveKey(hkdf, material, { name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ])
  return { key, additionalData: utf8.encode(grantId) }
}

/** Both public keys, so that the derived key is specific to this pair. */
function viewingSalt(senderKey: string, viewerKey: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...fromBase64Url(senderKey), ...fromBase64Url(viewerKey)])
}

/**
 * Signs a document in the form of `PersonSignature`: with a passkey after its person's gesture, with a kept key at
 * once.
 */
export async function signDocument(value: JsonValue, key: SigningKey): Promise<string> {
  if ("assert" in key) return toPasskeySignature(await key.assert(await passkeyChallenge(value)))
  return toBase64Url(new Uint8Array(await crypto.subtle.sign(ECDSA, key, utf8.encode(canonicalJson(value)))))
}

async function createPair(
  algorithm: typeof SIGNING | typeof AGREEING,
  extractable: boolean,
  usages: ("sign" | "verify" | "deriveBits")[],
): Promise<CustodyKeyPair> {
  const pair = await crypto.subtle.generateKey(algorithm, extractable, usages)
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey)
  return { privateKey: pair.privateKey, publicKey: toBase64Url(new Uint8Array(raw)) }
}

/**
 * A document by which one signing key hands over to another, signed by both: the old key names the new one, and the new
 * one accepts, so that nobody can hand over to a key that they do not have.
 * @module
 */
import type { JsonValue, Signer, Verifier } from "@nightlight/core"
import { checkDocument, type SignedDocument, signDocument } from "@nightlight/durable"
import { toVerifier } from "./verifying-key.ts"

/** Purposes of the two signatures: a handover of one kind is not valid as another. */
export interface HandoverFormats {
  readonly format: string
  /** Format of what the new key signs, over the same content. */
  readonly accepted: string
}

/** Content of a handover. */
export interface HandoverBody {
  /** Public half of the new key, PEM. */
  readonly publicKey: string
  readonly [member: string]: JsonValue
}

/** A handover that both keys signed. */
export interface CheckedHandover {
  readonly document: SignedDocument
  /** Verifies the new key. */
  readonly to: Verifier
}

/** Makes a handover. */
export function signHandover(
  body: HandoverBody,
  { format, accepted }: HandoverFormats,
  from: Signer,
  to: Signer,
): SignedDocument {
  const { signature } = signDocument({ ...body, format: accepted, oldKeyId: from.keyId }, to)
  return signDocument({ ...body, format, accepted: signature }, from)
}

/**
 * Checks a parsed handover.
 *
 * @returns `undefined` unless two different keys signed it.
 */
export function checkHandover(
  value: unknown,
  { format, accepted }: HandoverFormats,
  from: Verifier,
): CheckedHandover | undefined {
  const document = checkDocument(value, format, from)
  if (document === undefined) return undefined
  const { signature: _, accepted: signature, publicKey, ...rest } = document as Readonly<Record<string, unknown>>
  const to = typeof publicKey === "string" ? verifierOf(publicKey) : undefined
  if (to === undefined || to.keyId === from.keyId) return undefined
  const answer = { ...rest, publicKey, format: accepted, oldKeyId: from.keyId, keyId: to.keyId, signature }
  return checkDocument(answer, accepted, to) === undefined ? undefined : { document, to }
}

function verifierOf(publicKey: string): Verifier | undefined {
  try {
    return toVerifier(publicKey)
  } catch {
    return undefined
  }
}

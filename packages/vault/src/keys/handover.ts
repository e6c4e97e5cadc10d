/**
 * A document by which one signing key hands over to another, signed by both: the one that goes names the one that comes,
 * and the one that comes accepts, so that nobody is handed a key that they do not have.
 * @module
 */
import type { JsonValue, Signer, Verifier } from "@nightlight/core"
import { checkDocument, type SignedDocument, signDocument } from "@nightlight/durable"
import { toVerifier } from "./verifying-key.ts"

/** What the two signatures are for: a handover of one kind is none of another. */
export interface HandoverFormats {
  readonly format: string
  /** Of what the key that comes signs, over the same content. */
  readonly accepted: string
}

/** What a handover says. */
export interface HandoverBody {
  /** Public half of the key that comes, PEM. */
  readonly publicKey: string
  readonly [member: string]: JsonValue
}

/** A handover that both keys signed. */
export interface CheckedHandover {
  readonly document: SignedDocument
  /** The key that comes. */
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
 * @returns `undefined` unless both keys signed it, and they are two.
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

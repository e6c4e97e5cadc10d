/**
 * JSON documents with an Ed25519 signature inside. The signature covers the canonical JSON of every other member,
 * `format` and `keyId` included, so that it is not valid for another kind of document.
 * @module
 */
import { canonicalJson, type JsonValue, type Signer, tryParseJson, type Verifier, verifierFor } from "@nightlight/core"

/** A document before it is signed. */
export interface DocumentBody {
  /** Name and version of the document's format, such as `nightlight-recipients/1`. */
  readonly format: string
  readonly [member: string]: JsonValue | undefined
}

/** A signed document. */
export type SignedDocument<Body extends DocumentBody = DocumentBody> = Body & {
  /** Id of the signing key. */
  readonly keyId: string
  /** 128 lower-case hexadecimal digits. */
  readonly signature: string
}

const SIGNATURE = /^[0-9a-f]{128}$/

/** Signs a document, without its `undefined` members. */
export function signDocument<Body extends DocumentBody>(body: Body, signer: Signer): SignedDocument<Body> {
  const { signature: _, ...unsigned }: DocumentBody = { ...body, keyId: signer.keyId }
  const signature = Buffer.from(signer.sign(toBytes(unsigned))).toString("hex")
  return { ...(unsigned as Body), keyId: signer.keyId, signature }
}

/**
 * Checks a parsed document's format, key and signature.
 *
 * @returns the document, not yet checked beyond this, or `undefined` if the key did not sign it under that format.
 */
export function checkDocument(value: unknown, format: string, verifier: Verifier): SignedDocument | undefined {
  if (!isDocument(value) || value.format !== format) return undefined
  const signedBy = verifierFor(verifier, value["keyId"])
  if (signedBy === undefined) return undefined
  const { signature, ...unsigned } = value
  if (typeof signature !== "string" || !SIGNATURE.test(signature)) return undefined
  try {
    return signedBy.verify(toBytes(unsigned), Buffer.from(signature, "hex")) ? (value as SignedDocument) : undefined
  } catch {
    // A value nested too deeply to be serialised was never signed.
    return undefined
  }
}

/** The only accepted text of a signed document: indented JSON, readable for people. */
export function documentText(document: SignedDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

/**
 * Like {@link checkDocument}, for a file's text. Spaces and duplicate members are outside the signature, so only
 * exactly the text that {@link documentText} gives is accepted.
 */
export function parseDocument(text: string, format: string, verifier: Verifier): SignedDocument | undefined {
  const document = checkDocument(tryParseJson(text), format, verifier)
  return document !== undefined && documentText(document) === text ? document : undefined
}

function isDocument(value: unknown): value is DocumentBody {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function toBytes(unsigned: JsonValue): Uint8Array {
  return new TextEncoder().encode(canonicalJson(unsigned))
}

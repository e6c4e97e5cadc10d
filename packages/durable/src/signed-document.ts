/**
 * JSON documents with an Ed25519 signature inside. What is signed is the canonical JSON of every member but
 * `signature`, `format` and `keyId` included: a signature for one kind of document is none for another.
 * @module
 */
import { canonicalJson, type JsonValue, type Signer, type Verifier, verifierFor } from "@nightlight/core"

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

/** Signs a document. Members that are `undefined` are left out. */
export function signDocument<Body extends DocumentBody>(body: Body, signer: Signer): SignedDocument<Body> {
  const { signature: _, ...unsigned }: DocumentBody = { ...body, keyId: signer.keyId }
  const signature = Buffer.from(signer.sign(toBytes(unsigned))).toString("hex")
  return { ...(unsigned as Body), keyId: signer.keyId, signature }
}

/**
 * Checks a parsed document's format, key and signature.
 *
 * @returns The document as far as it is known now, or `undefined` if it is not what that key signed under that format.
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
    // A value nested too deeply to be written out is not what we signed.
    return undefined
  }
}

/** The one text of a signed document: indented JSON, for people to read. */
export function documentText(document: SignedDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

/**
 * As {@link checkDocument}, of a file whose every byte is accounted for: spaces and doubled members are outside the
 * signature, so only the text that {@link documentText} gives is taken.
 */
export function parseDocument(text: string, format: string, verifier: Verifier): SignedDocument | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const document = checkDocument(value, format, verifier)
  return document !== undefined && documentText(document) === text ? document : undefined
}

function isDocument(value: unknown): value is DocumentBody {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function toBytes(unsigned: JsonValue): Uint8Array {
  return new TextEncoder().encode(canonicalJson(unsigned))
}

/**
 * Documents that say what a file is: canonical JSON, signed. What is signed names its own kind, so that no document
 * passes for another.
 * @module
 */
import { readFile } from "node:fs/promises"
import {
  canonicalJson,
  IntegrityError,
  type JsonValue,
  type Signer,
  type Verifier,
  verifierFor,
} from "@nightlight/core"

/** A document's content: JSON that names its kind. */
export interface SignedContent {
  readonly kind: string
  readonly format: 1
}

/** Which error an untrusted document is. */
export type UntrustedCode = "snapshot_untrusted" | "index_untrusted"

/** Largest document read, bytes. */
const DOCUMENT_LIMIT_BYTES = 16 * 1_048_576

/** Writes a content and its signature as one canonical JSON text. */
export function signDocument(content: SignedContent, signer: Signer): string {
  const document = content as unknown as JsonValue
  const signature = Buffer.from(signer.sign(bytesOf(document))).toString("base64")
  return canonicalJson({ document, keyId: signer.keyId, signature })
}

/**
 * Reads a signed document whose every byte is accounted for: it must be the canonical text of what it holds.
 *
 * @param what - names the document in an error: a list or version, nothing of its content.
 * @throws {IntegrityError} with `code` when it is missing, altered, of another kind or signed by another key.
 */
export async function readSigned<T extends SignedContent>(
  path: string,
  kind: T["kind"],
  { verifier, code, what }: { verifier: Verifier; code: UntrustedCode; what: string },
): Promise<T> {
  const untrusted = (reason: string) => new IntegrityError(code, `${what}: ${reason}`)
  const text = await readText(path)
  if (text === undefined) throw untrusted("its signed document is missing or unreadable")
  const parsed = parseEnvelope(text)
  if (parsed === undefined) throw untrusted("its signed document is damaged")
  const { document, keyId, signature } = parsed
  const signedBy = verifierFor(verifier, keyId)
  if (signedBy === undefined) throw untrusted("it is signed by another key")
  if (!verifies(signedBy, bytesOf(document), Buffer.from(signature, "base64")))
    throw untrusted("its signature is wrong")
  const content = document as unknown as T
  if (content.kind !== kind || content.format !== 1) throw untrusted("its signed document is of another kind")
  return content
}

interface Envelope {
  readonly document: { readonly [key: string]: JsonValue | undefined }
  readonly keyId: string
  readonly signature: string
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    const value = JSON.parse(text) as Envelope
    const { document, keyId, signature } = value
    const sound = typeof document === "object" && document !== null && typeof signature === "string"
    return sound && canonicalJson({ document, keyId, signature }) === text ? value : undefined
  } catch {
    return undefined
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(path)
    return bytes.length > DOCUMENT_LIMIT_BYTES ? undefined : bytes.toString("utf8")
  } catch {
    return undefined
  }
}

function verifies(verifier: Verifier, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return signature.length === 64 && verifier.verify(bytes, signature)
  } catch {
    return false
  }
}

function bytesOf(document: JsonValue): Uint8Array {
  return Buffer.from(canonicalJson(document), "utf8")
}

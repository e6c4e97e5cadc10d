/**
 * The signed documents that describe a list's files.
 * @module
 */
import { readFile } from "node:fs/promises"
import { IntegrityError, type Signer, type Verifier } from "@nightlight/core"
import { type DocumentBody, documentText, parseDocument, signDocument } from "@nightlight/durable"

/** The error code of an untrusted document. */
export type UntrustedCode = "snapshot_untrusted" | "index_untrusted"

/** Largest document read, bytes. */
const DOCUMENT_LIMIT_BYTES = 16 * 1_048_576

/** Signs a document and returns its text. */
export function signedText<T extends { readonly format: string }>(content: T, signer: Signer): string {
  return documentText(signDocument(content as unknown as DocumentBody, signer))
}

/**
 * Reads a signed document, which must be exactly what its content serialises to.
 *
 * @param what - names the document in an error: a list or version, never its content.
 * @throws {IntegrityError} with `code` when it is missing, altered, of another format or signed by another key.
 */
export async function readSigned<T extends { readonly format: string }>(
  path: string,
  format: T["format"],
  { verifier, code, what }: { verifier: Verifier; code: UntrustedCode; what: string },
): Promise<T> {
  const untrusted = (reason: string) => new IntegrityError(code, `${what}: ${reason}`)
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined || bytes.length > DOCUMENT_LIMIT_BYTES) {
    throw untrusted("its signed document is missing or unreadable")
  }
  const text = bytes.toString("utf8")
  const document = parseDocument(text, format, verifier)
  if (document === undefined && isOtherVersion(text, format)) {
    throw untrusted("another version of Nightlight wrote it: make a new workspace and import the lists into it")
  }
  if (document === undefined) throw untrusted("its document is altered or not signed by the workspace's key")
  const { keyId: _keyId, signature: _signature, ...content } = document
  return content as unknown as T
}

/** Whether a text says that it is such a document of another version of its format. */
function isOtherVersion(text: string, format: string): boolean {
  const stated = /"format":\s*"([^"]*)"/.exec(text)?.[1] ?? ""
  return stated !== format && stated.replace(/\d+$/, "") === format.replace(/\d+$/, "")
}

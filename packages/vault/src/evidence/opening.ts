/**
 * Opens sealed evidence in memory. Nothing here writes.
 * @module
 */
import { createHash } from "node:crypto"
import { ReadableStream } from "node:stream/web"
import { IntegrityError } from "@nightlight/core"
import { recipientOf } from "../keys/identity.ts"
import { evidencePaths, readChunks } from "./files.ts"
import { type EvidenceHeader, readHeader } from "./header.ts"

/** Why a sealed file does not give what was sealed. */
export type OpenFault =
  | "not_openable"
  | "ciphertext_damaged"
  | "ciphertext_changed"
  | "header_malformed"
  | "header_mismatch"
  | "content_changed"

const NO_MATCH = "no identity matched any of the file's recipients"

/** A sealed file that an identity opens. */
export interface OpenedEvidence {
  readonly header: EvidenceHeader
  /**
   * The content, in chunks, once; empty if it was only located. Must be read to its end or left by `break`: only the
   * end shows that it is whole.
   *
   * @throws {IntegrityError} `evidence_digest_mismatch` if the file is damaged or the content does not have its digest:
   *   then earlier chunks must be discarded.
   */
  readonly content: AsyncIterable<Uint8Array>
}

/**
 * Decrypts an age file as a stream.
 *
 * @throws {IntegrityError} `key_unusable` if none of the identities opens it; `evidence_digest_mismatch` if it is
 *   damaged (from the stream, if the damage is after the file's head). `details.fault` says which.
 * @throws {RequestError} `key_malformed` if an identity is malformed.
 */
export async function* unseal(
  ciphertext: AsyncIterable<Uint8Array>,
  identities: readonly string[],
): AsyncGenerator<Uint8Array, void, void> {
  const { Decrypter } = await import("age-encryption")
  const decrypter = new Decrypter()
  for (const identity of identities) {
    await recipientOf(identity)
    decrypter.addIdentity(identity)
  }
  const source = ciphertext[Symbol.asyncIterator]()
  try {
    yield* await decrypter.decrypt(ReadableStream.from({ [Symbol.asyncIterator]: () => source }))
  } catch (error) {
    const notOurs = error instanceof Error && error.message === NO_MATCH
    throw notOurs ? fault("not_openable") : asFault(error, "ciphertext_damaged")
  } finally {
    // A refused head leaves the rest unread: the file's reader would wait with it open.
    await source.return?.()
  }
}

/** Options of opening a piece of evidence. */
export interface OpenOptions {
  /**
   * SHA-256 that the sealed file must have, or several of which it must have one, lower-case hexadecimal. It is
   * compared with the bytes that were opened at the end of the content (`ciphertext_changed`): do not trust header or
   * content before that.
   */
  readonly ciphertextSha256?: string | readonly string[]
}

/**
 * Opens one piece of evidence of a store's folder.
 *
 * @param identities - `AGE-SECRET-KEY-1...`; any one of the recipients' is enough.
 * @throws {IntegrityError} `key_unusable` if none of the identities opens it; `evidence_digest_mismatch` if it is
 *   missing, damaged or stored under another id. `details.fault` says which.
 * @throws {RequestError} `key_malformed` if an identity is malformed.
 */
export async function openEvidence(
  dir: string,
  evidenceId: string,
  identities: readonly string[],
  { ciphertextSha256 }: OpenOptions = {},
): Promise<OpenedEvidence> {
  const chunks = readChunks(evidencePaths(dir, evidenceId).ciphertext)
  const file = ciphertextSha256 === undefined ? chunks : expecting(chunks, ciphertextSha256)
  const plaintext = unseal(file, identities)
  try {
    const taken = await readHeader(plaintext)
    if (taken === undefined) throw fault("header_malformed")
    if (taken.header.evidenceId !== evidenceId) throw fault("header_mismatch")
    return { header: taken.header, content: contentOf(taken.header, taken.rest, plaintext) }
  } catch (error) {
    await plaintext.return()
    throw error
  }
}

/** Chunks that must have a digest together. */
async function* expecting(
  chunks: AsyncIterable<Uint8Array>,
  sha256: string | readonly string[],
): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash("sha256")
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  const digest = hash.digest("hex")
  if (digest !== sha256 && !(Array.isArray(sha256) && sha256.includes(digest))) throw fault("ciphertext_changed")
}

/** The content after the header, digested as it is read. */
async function* contentOf(
  header: EvidenceHeader,
  rest: Uint8Array,
  plaintext: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash("sha256")
  let sizeBytes = 0
  try {
    for (let chunk = rest; ; ) {
      hash.update(chunk)
      sizeBytes += chunk.length
      if (header.hasContent && chunk.length > 0) yield chunk
      const next = await plaintext.next()
      if (next.done === true) break
      chunk = next.value
    }
  } finally {
    await plaintext.return()
  }
  const whole = header.hasContent ? hash.digest("hex") === header.contentSha256 : sizeBytes === 0
  if (!whole) throw fault("content_changed")
}

function asFault(error: unknown, otherwise: OpenFault): unknown {
  return error instanceof IntegrityError ? error : fault(otherwise)
}

function fault(code: OpenFault): IntegrityError {
  if (code === "not_openable") {
    return new IntegrityError("key_unusable", "none of the keys opens this evidence", { details: { fault: code } })
  }
  return new IntegrityError("evidence_digest_mismatch", "sealed evidence is damaged", { details: { fault: code } })
}

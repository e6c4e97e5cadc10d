/**
 * Sealed files from elsewhere: digested while they are written, opened by nobody here.
 * @module
 */
import { rm } from "node:fs/promises"
import { DependencyError, IntegrityError, NightlightError, RequestError } from "@nightlight/core"
import { toWriteError } from "@nightlight/durable"
import type { SealedTemp } from "./put.ts"
import { newSealedTemp } from "./sealed-temp.ts"

/** One sealed file to store unchanged. */
export interface ReceivedInput {
  /** The id that it was sealed under; the file contains the same one. */
  readonly evidenceId: string
  /** The age file, read once and only as far as `maxBytes`. */
  readonly ciphertext: AsyncIterable<Uint8Array>
  /** SHA-256 that the file must have, lower-case hexadecimal. */
  readonly ciphertextSha256: string
  readonly maxBytes: number
  /** Digest of the file under the same id that this one replaces. */
  readonly replaces?: string
}

/** First line of every age file. */
const AGE_HEAD = Buffer.from("age-encryption.org/v1\n")

/**
 * Checks what can be checked before anything is written.
 *
 * @throws {RequestError} `input_invalid`.
 */
export function assertReceived({ ciphertextSha256 }: ReceivedInput): void {
  if (/^[0-9a-f]{64}$/.test(ciphertextSha256)) return
  throw new RequestError("input_invalid", "expected a SHA-256 of 64 lower-case hexadecimal digits")
}

/**
 * Writes the bytes to a temporary file of a folder and waits until they are on disk. If anything fails, the temporary
 * file is removed.
 *
 * @throws {RequestError} `body_too_large`; `input_invalid` if it is no age file: nothing unsealed is ever written.
 * @throws {IntegrityError} `evidence_digest_mismatch`.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function receiveToTemp(
  dir: string,
  { ciphertext, ciphertextSha256, maxBytes }: ReceivedInput,
): Promise<SealedTemp> {
  await using file = await newSealedTemp(dir)
  try {
    for await (const chunk of withAgeHead(readable(ciphertext))) {
      if (file.sizeBytes + chunk.length > maxBytes) {
        throw new RequestError("body_too_large", "the sealed file is too large")
      }
      await file.write(chunk)
    }
    const { sizeBytes, sha256 } = await file.finish()
    if (sha256 !== ciphertextSha256) {
      throw new IntegrityError("evidence_digest_mismatch", "the sealed file does not have the digest it was named by")
    }
    return { path: file.path, ciphertextSha256, ciphertextBytes: sizeBytes, sizeBytes: 0 }
  } catch (error) {
    await rm(file.path, { force: true })
    throw toWriteError(error, "sealed evidence")
  }
}

/** Passes a stream on once its first bytes are those of an age file. */
async function* withAgeHead(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let held: Uint8Array | undefined = new Uint8Array(0)
  for await (const chunk of chunks) {
    if (held === undefined) {
      yield chunk
      continue
    }
    held = Buffer.concat([held, chunk])
    if (held.length < AGE_HEAD.length) continue
    if (AGE_HEAD.compare(held, 0, AGE_HEAD.length) !== 0) throw notSealed()
    yield held
    held = undefined
  }
  if (held !== undefined) throw notSealed()
}

function notSealed(): RequestError {
  return new RequestError("input_invalid", "the upload is not a sealed file: nothing of it was stored")
}

async function* readable(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* chunks
  } catch (error) {
    if (error instanceof NightlightError) throw error
    throw new DependencyError("source_unreadable", "the sealed file was cut off on its way")
  }
}

import { createHash } from "node:crypto"
import { open, rename } from "node:fs/promises"
import { DependencyError, IntegrityError, type JsonValue, NightlightError, RequestError } from "@nightlight/core"
import { ensureDirLikeParent, giveToFolderOwner, syncDir, toWriteError, writeAll } from "@nightlight/durable"
import type { EvidencePaths } from "./files.ts"
import { encodeHeader } from "./header.ts"
import { newSealedTemp } from "./sealed-temp.ts"
import { seal } from "./sealing.ts"

const PIECE_BYTES = 64 * 1024

/** One item to store. */
export interface EvidenceInput {
  /** The caller's id for it, 4 to 128 letters, digits, `_` and `-`; reveals nothing about the item. */
  readonly evidenceId: string
  /** Where it came from, as JSON: sealed with the content, never beside it. At most about 4 MiB. */
  readonly provenance: JsonValue
  /** The whole content; absent for `locate` custody, in which only the context is kept. */
  readonly content?: Uint8Array | AsyncIterable<Uint8Array>
  /** SHA-256 of the content, lower-case hexadecimal; given content must have it. */
  readonly contentSha256: string
}

/** A sealed file on disk that has no name yet, with the data for its row. */
export interface UnnamedFile {
  readonly path: string
  readonly ciphertextSha256: string
  readonly ciphertextBytes: number
}

/** Result of sealing. */
export interface SealedTemp extends UnnamedFile {
  readonly sizeBytes: number
}

/**
 * Checks what can be checked before anything is written.
 *
 * @throws {RequestError} `input_invalid`.
 * @throws {IntegrityError} `evidence_digest_mismatch` if content given as bytes does not have its digest.
 */
export function assertInput({ content, contentSha256 }: EvidenceInput): void {
  if (!/^[0-9a-f]{64}$/.test(contentSha256)) {
    throw new RequestError("input_invalid", "expected a SHA-256 of 64 lower-case hexadecimal digits")
  }
  if (content instanceof Uint8Array && createHash("sha256").update(content).digest("hex") !== contentSha256) {
    throw wrongDigest()
  }
}

/**
 * Seals an item into a temporary file of a folder and waits until it is on disk. Plaintext passes through memory only.
 * If anything fails, the temporary file is removed.
 *
 * @throws {IntegrityError} `evidence_digest_mismatch` if the content does not have its digest.
 * @throws {DependencyError} `disk_full`, `write_failed`; `source_unreadable` if reading the content failed.
 */
export async function sealToTemp(
  dir: string,
  input: EvidenceInput,
  { recipients, sealedAt }: { readonly recipients: readonly string[]; readonly sealedAt: string },
): Promise<SealedTemp> {
  const { evidenceId, provenance, content, contentSha256 } = input
  const header = encodeHeader({ evidenceId, hasContent: content !== undefined, contentSha256, provenance, sealedAt })
  const measured = { contentBytes: 0 }
  await using file = await newSealedTemp(dir)
  try {
    for await (const chunk of seal(plaintextOf(header, input, measured), recipients)) await file.write(chunk)
    const { sizeBytes, sha256 } = await file.finish()
    return {
      path: file.path,
      ciphertextSha256: sha256,
      ciphertextBytes: sizeBytes,
      sizeBytes: measured.contentBytes,
    }
  } catch (error) {
    throw isAbort(error) ? error : toWriteError(error, "sealed evidence")
  }
}

/**
 * Gives a sealed temporary file its name and its row, in an order that {@link completeInterruptedPut} can complete from any point. The
 * caller holds the store's lock.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function commit(paths: EvidencePaths, sealed: UnnamedFile, rowText: string): Promise<void> {
  try {
    await ensureDirLikeParent(paths.folder)
    const handle = await open(paths.pending, "w", 0o600)
    try {
      await giveToFolderOwner(handle, paths.pending)
      await writeAll(handle, new TextEncoder().encode(rowText))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(sealed.path, paths.ciphertext)
    // A row must not be on disk before its file: there may be another file of that name.
    await syncDir(paths.folder)
    await rename(paths.pending, paths.row)
    await syncDir(paths.folder)
  } catch (error) {
    throw toWriteError(error, "sealed evidence")
  }
}

/** Header and content in one stream, with the content digested as it is read. */
async function* plaintextOf(
  header: Uint8Array,
  { content, contentSha256 }: EvidenceInput,
  measured: { contentBytes: number },
): AsyncGenerator<Uint8Array, void, void> {
  yield header
  if (content === undefined) return
  const hash = createHash("sha256")
  for await (const chunk of readable(content)) {
    hash.update(chunk)
    measured.contentBytes += chunk.length
    yield chunk
  }
  if (hash.digest("hex") !== contentSha256) throw wrongDigest()
}

async function* readable(content: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      // Encryption takes a chunk whole: splitting large ones keeps their ciphertext from accumulating in memory.
      for (let offset = 0; offset < chunk.length; offset += PIECE_BYTES)
        yield chunk.subarray(offset, offset + PIECE_BYTES)
    }
  } catch (error) {
    // A reader's own error may quote a name: only ours and an abort are passed on.
    if (error instanceof NightlightError || isAbort(error)) throw error
    throw new DependencyError("source_unreadable", "the content could not be read to its end")
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError"
}

function wrongDigest(): IntegrityError {
  return new IntegrityError("evidence_digest_mismatch", "the content to seal does not have the digest it was found by")
}

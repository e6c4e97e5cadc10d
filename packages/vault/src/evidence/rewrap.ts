/**
 * Rewraps evidence for other recipients: a new header before the same payload. The maker of the header has a private
 * half; nothing here does.
 * @module
 */
import { createHash } from "node:crypto"
import { rm } from "node:fs/promises"
import { IntegrityError } from "@nightlight/core"
import { toWriteError } from "@nightlight/durable"
import { splitAgeFile } from "../age/header-split.ts"
import { type EvidencePaths, readChunks } from "./files.ts"
import type { UnnamedFile } from "./put.ts"
import { newSealedTemp } from "./sealed-temp.ts"

/** A header for a file, with the file's resulting digest. */
export interface NewHeader {
  readonly header: Uint8Array
  /** Digest that the file must have with this header, if its maker knows it: lower-case hexadecimal. */
  readonly ciphertextSha256?: string
}

/** Makes the new header of a piece of evidence. `header` is the present one. */
export type HeaderMaker = (evidenceId: string, header: Uint8Array) => Promise<NewHeader>

/** Changes of a piece of evidence by a rewrap. */
export interface Rewrapped {
  readonly evidenceId: string
  /** Digests of the sealed file before and after, lower-case hexadecimal. */
  readonly before: string
  readonly after: string
}

/** How evidence is rewrapped. */
export interface RewrapOptions {
  readonly makeHeader: HeaderMaker
  /**
   * Called when the new file is on disk and before it takes the name: once this has returned, the file may have either
   * digest. May be called again with another `after`, if the process was killed in between.
   */
  readonly record: (change: Rewrapped) => Promise<void>
}

/**
 * Writes a sealed file with its new header into a temporary file beside it and waits until it is on disk. If anything
 * fails, the temporary file is removed.
 *
 * @param expected - Digest that the present file must have, so that a damaged file gets no new digest.
 * @throws {IntegrityError} `evidence_digest_mismatch`, `key_unusable`.
 * @throws {DependencyError} `disk_full`, `write_failed`, `source_unreadable`.
 */
export async function rewrapToTemp(
  dir: string,
  paths: EvidencePaths,
  {
    evidenceId,
    expected,
    makeHeader,
  }: {
    readonly evidenceId: string
    readonly expected: string
    readonly makeHeader: HeaderMaker
  },
): Promise<UnnamedFile> {
  const { header: old, payload, close } = await splitAgeFile(readChunks(paths.ciphertext))
  try {
    const made = await makeHeader(evidenceId, old)
    const before = createHash("sha256").update(old)
    await using file = await newSealedTemp(dir)
    await file.write(made.header)
    for await (const chunk of payload) {
      before.update(chunk)
      await file.write(chunk)
    }
    if (before.digest("hex") !== expected) throw altered()
    const { sizeBytes, sha256 } = await file.finish()
    if ((made.ciphertextSha256 ?? sha256) !== sha256) {
      await rm(file.path, { force: true })
      throw altered()
    }
    return { path: file.path, ciphertextSha256: sha256, ciphertextBytes: sizeBytes }
  } catch (error) {
    throw toWriteError(error, "sealed evidence")
  } finally {
    await close()
  }
}

function altered(): IntegrityError {
  return new IntegrityError(
    "evidence_digest_mismatch",
    "evidence is not what was sealed: the sealed file was altered",
    {
      details: { fault: "ciphertext_changed" },
    },
  )
}

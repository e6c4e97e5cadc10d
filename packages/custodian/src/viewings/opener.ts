/**
 * Opens the requested sealed file, and explains with the custodian's own codes why one does not open.
 * @module
 */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { lstat } from "node:fs/promises"
import type { GrantedEvidence, INTAKE_FAULTS } from "@nightlight/contract/custodian"
import { DependencyError, IntegrityError, readUpTo } from "@nightlight/core"
import { type EvidenceHeader, openEvidence, sealedPath } from "@nightlight/vault"
import type { z } from "zod"
import type { Keyring } from "../keys/keyring.ts"
import type { RewrapBook } from "../rewraps/rewrap-book.ts"

/** Why sealed evidence does not open as requested. */
export type EvidenceFault = Exclude<(typeof INTAKE_FAULTS)[number], "other-finding">

/** One sealed file by id and digest. */
export type Sealed = z.infer<typeof GrantedEvidence>

/** Thrown when a sealed file does not open; contains no path and no message of the file system. */
export class EvidenceError extends Error {
  override name = "EvidenceError"
  readonly fault: EvidenceFault

  constructor(fault: EvidenceFault) {
    super("the sealed evidence does not open as requested")
    this.fault = fault
  }
}

/** Opens sealed files in memory. */
export interface Opener {
  /**
   * Opens a file as a stream. Header and content can be trusted only at the content's end.
   *
   * @throws {EvidenceError} also from the content.
   */
  open(sealed: Sealed): Promise<{ readonly header: EvidenceHeader; readonly content: AsyncIterable<Uint8Array> }>
  /**
   * Opens a file whole.
   *
   * @param mostBytes - Of content; a larger one is `undefined`.
   * @throws {EvidenceError}
   */
  openWhole(
    sealed: Sealed,
    mostBytes: number,
  ): Promise<{ readonly header: EvidenceHeader; readonly content: Uint8Array<ArrayBuffer> | undefined }>
}

/** Makes an opener for an evidence folder. A file may have a later digest that this custodian gave it. */
export function createOpener(dir: string, keyring: Keyring, rewraps: Pick<RewrapBook, "digestsOf">): Opener {
  /** Explains what is wrong with a file: first whether it is the requested one. */
  async function explain(error: unknown, sealed: Sealed): Promise<unknown> {
    if (!(error instanceof IntegrityError)) return error
    const digest = await digestOf(sealedPath(dir, sealed.evidenceId))
    if (digest === undefined || !rewraps.digestsOf(sealed).includes(digest))
      return new EvidenceError(digest === undefined ? "missing" : "ciphertext-differs")
    return new EvidenceError(FAULTS[String(error.details["fault"])] ?? "unreadable")
  }

  async function open(sealed: Sealed) {
    const identities = keyring.identities()
    const found = await lstat(sealedPath(dir, sealed.evidenceId)).catch(() => undefined)
    // A link or a pipe was not sealed here, and may never end.
    if (found?.isFile() !== true) throw new EvidenceError("missing")
    try {
      const opened = await openEvidence(dir, sealed.evidenceId, identities, {
        ciphertextSha256: rewraps.digestsOf(sealed),
      })
      return { header: opened.header, content: explained(opened.content, sealed) }
    } catch (error) {
      throw await explain(error, sealed)
    }
  }

  async function* explained(
    content: AsyncIterable<Uint8Array>,
    sealed: Sealed,
  ): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* content
    } catch (error) {
      throw await explain(error, sealed)
    }
  }

  return {
    open,
    async openWhole(sealed, mostBytes) {
      const { header, content } = await open(sealed)
      return { header, content: await readUpTo(content, mostBytes) }
    },
  }
}

const FAULTS: Readonly<Record<string, EvidenceFault>> = {
  not_openable: "wrong-recipient",
  ciphertext_changed: "ciphertext-differs",
  ciphertext_damaged: "unreadable",
  header_malformed: "unreadable",
  header_mismatch: "unreadable",
  content_changed: "content-differs",
}

async function digestOf(path: string): Promise<string | undefined> {
  const hash = createHash("sha256")
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined
    throw new DependencyError("source_unreadable", "sealed evidence could not be read")
  }
  return hash.digest("hex")
}

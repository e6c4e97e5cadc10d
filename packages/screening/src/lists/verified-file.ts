import { fstatSync } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import type { FileDigest } from "@nightlight/durable"
import { digestOpen, hasDigest } from "./file-digest.ts"

/**
 * A file that was digested when it was opened and is read on demand, for hours. Whether it is still as it was digested
 * can be asked without reading all of it again.
 */
export class VerifiedFile {
  readonly handle: FileHandle
  readonly #expected: FileDigest
  #modifiedMs: number
  /** When its content or its status last changed, as of the last time that it was read again. */
  #changedMs: number | undefined

  private constructor(handle: FileHandle, expected: FileDigest, modifiedMs: number) {
    this.handle = handle
    this.#expected = expected
    this.#modifiedMs = modifiedMs
  }

  /**
   * Digests an open file; the caller closes it.
   *
   * @returns undefined where its size or its digest differs.
   * @throws the system's error when it cannot be read.
   */
  static async of(handle: FileHandle, expected: FileDigest): Promise<VerifiedFile | undefined> {
    // Before it is read, so that a change meanwhile is noticed later.
    const { mtimeMs } = await handle.stat()
    return (await hasDigest(handle, expected)) ? new VerifiedFile(handle, expected, mtimeMs) : undefined
  }

  /**
   * Whether nothing has written to it, by its size and time; it is digested again where they differ.
   *
   * @throws the system's error when it cannot be read.
   */
  isUnmodified(): boolean {
    const { size, mtimeMs } = fstatSync(this.handle.fd)
    if (size === this.#expected.sizeBytes && mtimeMs === this.#modifiedMs) return true
    return this.#digestAgain()
  }

  /**
   * Whether it is as it was digested, also if its time was set back or the disk lost a bit: digests it again, the first
   * time and whenever its status has changed since. Blocks the thread, about 0.3 s for ten million entries.
   *
   * @throws the system's error when it cannot be read.
   */
  isUnaltered(): boolean {
    return fstatSync(this.handle.fd).ctimeMs === this.#changedMs || this.#digestAgain()
  }

  #digestAgain(): boolean {
    const { mtimeMs, ctimeMs } = fstatSync(this.handle.fd)
    const { sizeBytes, sha256 } = digestOpen(this.handle.fd)
    if (sizeBytes !== this.#expected.sizeBytes || sha256 !== this.#expected.sha256) return false
    this.#modifiedMs = mtimeMs
    this.#changedMs = ctimeMs
    return true
  }
}

/**
 * The digest of an image: SHA-256 over the SHA-256 of each of its parts, so that threads can share the work.
 * @module
 */
import type { Hash } from "node:crypto"

/** Bytes of a part; the last one may be shorter. */
export const DIGESTED_BYTES = 64 * 1024 * 1024

/** Digests an image as it is written, from its beginning. */
export class PartsDigest {
  readonly #parts: Uint8Array[] = []
  #part = newHash()
  #left = DIGESTED_BYTES

  update(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const taken = bytes.subarray(from, from + this.#left)
      this.#part.update(taken)
      from += taken.length
      this.#left -= taken.length
      if (this.#left === 0) this.#endPart()
    }
  }

  /** The digest, 64 lower-case hexadecimal digits. Call it once. */
  finish(): string {
    if (this.#left < DIGESTED_BYTES) this.#endPart()
    return digestOfParts(this.#parts)
  }

  #endPart(): void {
    this.#parts.push(this.#part.digest())
    this.#part = newHash()
    this.#left = DIGESTED_BYTES
  }
}

/** The digest of an image from the SHA-256 of its parts, in their order; 64 lower-case hexadecimal digits. */
export function digestOfParts(parts: readonly Uint8Array[]): string {
  const whole = newHash()
  for (const part of parts) whole.update(part)
  return whole.digest("hex")
}

/** Starts a SHA-256. Not an import, because browsers also load this package's hashing. */
export function newHash(): Hash {
  return process.getBuiltinModule("node:crypto").createHash("sha256")
}

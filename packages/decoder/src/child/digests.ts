import { createHash, hash } from "node:crypto"

/** The three digests that hash lists use, lower-case hexadecimal. */
export interface Digests {
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
}

/** Digests of an unreadable item; no list has an empty hash. */
export const NO_DIGESTS: Digests = { md5: "", sha1: "", sha256: "" }

/** Digests bytes in memory. */
export function digestsOf(bytes: Uint8Array): Digests {
  return { md5: hash("md5", bytes), sha1: hash("sha1", bytes), sha256: hash("sha256", bytes) }
}

/** Digests chunks of bytes. */
export interface Digester {
  update(chunk: Uint8Array): void
  finish(): Digests
}

/** Starts the three digests of chunked bytes. */
export function createDigester(): Digester {
  const hashes = [createHash("md5"), createHash("sha1"), createHash("sha256")] as const
  return {
    update(chunk) {
      for (const one of hashes) one.update(chunk)
    },
    finish() {
      const [md5, sha1, sha256] = hashes
      return { md5: md5.digest("hex"), sha1: sha1.digest("hex"), sha256: sha256.digest("hex") }
    },
  }
}

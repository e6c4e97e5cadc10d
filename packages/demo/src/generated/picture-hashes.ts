/**
 * Hash list entries of generated pictures.
 * @module
 */
import { createHash } from "node:crypto"
import type { HashRecord } from "@nightlight/core"
import { createHasher, type Hasher, toHex } from "@nightlight/pdq"

/** Made with the first picture, because scans import this module and need none. */
let hasher: Hasher | undefined

const DIGESTS = ["md5", "sha1", "sha256"] as const

/** Computes the list entries of one picture: MD5, SHA-1, SHA-256 and PDQ, in this order. */
export async function pictureHashes(bytes: Uint8Array, category: string): Promise<readonly HashRecord[]> {
  const { default: sharp } = await import("sharp")
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  hasher ??= createHasher()
  const { hash } = hasher.hash(data, { width: info.width, height: info.height, channels: 3 })
  return [
    ...DIGESTS.map((hashType) => ({ hashType, hash: createHash(hashType).update(bytes).digest("hex"), category })),
    { hashType: "pdq", hash: toHex(hash), category },
  ]
}

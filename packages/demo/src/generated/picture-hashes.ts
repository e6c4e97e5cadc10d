/**
 * What a hash list would say of a generated picture.
 * @module
 */
import { createHash } from "node:crypto"
import type { HashRecord } from "@nightlight/core"
import { createHasher, type Hasher, toHex } from "@nightlight/pdq"

/** Made with the first picture: a scan needs none here. */
let hasher: Hasher | undefined

const DIGESTS = ["md5", "sha1", "sha256"] as const

/** The entries of a list for one picture: MD5, SHA-1, SHA-256 and PDQ, in this order. */
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

/**
 * Hash list entries of generated pictures.
 * @module
 */
import { createHash } from "node:crypto"
import type { HashRecord } from "@nightlight/core"
import { createHasher, toHex } from "@nightlight/pdq"
import { pictureJpeg } from "./picture.ts"

/** Computes the list entries of pictures. Each has MD5, SHA-1, SHA-256 and PDQ, in this order. */
export async function hashesOf(seeds: readonly number[], side: number, category: string): Promise<HashRecord[]> {
  const { default: sharp } = await import("sharp")
  const hasher = createHasher()
  const records: HashRecord[] = []
  for (const seed of seeds) {
    const bytes = await pictureJpeg(seed, side)
    for (const hashType of ["md5", "sha1", "sha256"] as const) {
      records.push({ hashType, hash: createHash(hashType).update(bytes).digest("hex"), category })
    }
    const pixels = await sharp(bytes).removeAlpha().raw().toBuffer()
    const { hash } = hasher.hash(pixels, { width: side, height: side, channels: 3 })
    records.push({ hashType: "pdq", hash: toHex(hash), category })
  }
  return records
}

import { createHash } from "node:crypto"
import type { HashRecord, HashType } from "@nightlight/core"
import { type CopyKind, pictureCopy, pictureJpeg } from "@nightlight/demo/generated"
import { createHasher, toHex } from "@nightlight/pdq"
import sharp from "sharp"

/** At 128 or 256 pixels, PDQ's windows fall so that a turned copy is up to 42 bits away. */
const SIDE = 384
const made = new Map<string, Promise<Uint8Array>>()

/** A generated picture as JPEG; the same seed gives the same bytes. */
export function jpeg(seed: number): Promise<Uint8Array> {
  return remembered(`${seed}`, () => pictureJpeg(seed, SIDE))
}

/** A changed copy of the picture of that seed. */
export function changedJpeg(seed: number, kind: CopyKind): Promise<Uint8Array> {
  return remembered(`${seed} ${kind}`, () => pictureCopy(seed, kind, SIDE))
}

function remembered(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const known = made.get(key) ?? make()
  made.set(key, known)
  return known
}

/** A list entry for the digest of bytes. */
export function digestRecord(bytes: Uint8Array, hashType: Exclude<HashType, "pdq">): HashRecord {
  return { hashType, hash: createHash(hashType).update(bytes).digest("hex"), category: "generated-shapes" }
}

/** A list entry for a picture's PDQ hash. */
export async function pdqRecord(bytes: Uint8Array): Promise<HashRecord> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { hash } = createHasher().hash(data, { width: info.width, height: info.height, channels: 3 })
  return { hashType: "pdq", hash: toHex(hash), category: "generated-shapes" }
}

/** List entries, SHA-256 and PDQ, of the pictures of these seeds. */
export async function listOf(...seeds: readonly number[]): Promise<readonly HashRecord[]> {
  const records: HashRecord[] = []
  for (const seed of seeds) {
    const bytes = await jpeg(seed)
    records.push(digestRecord(bytes, "sha256"), await pdqRecord(bytes))
  }
  return records
}

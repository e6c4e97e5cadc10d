import { createHash } from "node:crypto"
import type { HashRecord, HashType } from "@nightlight/core"
import { type CopyKind, pictureCopy, pictureJpeg } from "@nightlight/demo/generated"
import { createHasher, toHex } from "@nightlight/pdq"
import sharp from "sharp"

/** At 128 or 256 pixels the windows of PDQ lie so that a turned copy is up to 42 bits away. */
const SIDE = 384
const made = new Map<string, Promise<Uint8Array>>()

/** A generated picture as JPEG; the same number gives the same bytes. */
export function jpeg(seed: number): Promise<Uint8Array> {
  return remembered(`${seed}`, () => pictureJpeg(seed, SIDE))
}

/** A changed copy of the picture of that number. */
export function changedJpeg(seed: number, kind: CopyKind): Promise<Uint8Array> {
  return remembered(`${seed} ${kind}`, () => pictureCopy(seed, kind, SIDE))
}

function remembered(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const known = made.get(key) ?? make()
  made.set(key, known)
  return known
}

/** A digest of bytes as a list names it. */
export function digestRecord(bytes: Uint8Array, hashType: Exclude<HashType, "pdq">): HashRecord {
  return { hashType, hash: createHash(hashType).update(bytes).digest("hex"), category: "generated-shapes" }
}

/** A picture's PDQ hash as a list names it. */
export async function pdqRecord(bytes: Uint8Array): Promise<HashRecord> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { hash } = createHasher().hash(data, { width: info.width, height: info.height, channels: 3 })
  return { hashType: "pdq", hash: toHex(hash), category: "generated-shapes" }
}

/** SHA-256 and PDQ of the pictures of these numbers: what a list usually holds. */
export async function listOf(...seeds: readonly number[]): Promise<readonly HashRecord[]> {
  const records: HashRecord[] = []
  for (const seed of seeds) {
    const bytes = await jpeg(seed)
    records.push(digestRecord(bytes, "sha256"), await pdqRecord(bytes))
  }
  return records
}

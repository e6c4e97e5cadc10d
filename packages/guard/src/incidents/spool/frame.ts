/**
 * Records of the spool on disk: each is sealed, authenticated and chained to the one before it.
 *
 * A frame is a length (4 bytes, big-endian) and then a nonce (12), ciphertext and tag (16), AES-256-GCM. The
 * authenticated data are the segment's number and the tag of the frame before: no record can be altered, moved, removed
 * from the middle or inserted.
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

const LENGTH_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Largest frame, bytes. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024

/** Tag to which a segment's first frame is chained. */
export const FIRST_TAG: Uint8Array = new Uint8Array(TAG_BYTES)

/** The key, segment and preceding frame to which a frame is bound. */
export interface FramePlace {
  /** 32 bytes. */
  readonly key: Uint8Array
  readonly segment: number
  /** Tag of the frame before it, 16 bytes. */
  readonly before: Uint8Array
}

/** A sealed record. */
export interface Frame {
  readonly bytes: Buffer
  readonly tag: Buffer
}

/** Seals a record at its place. */
export function toFrame(plaintext: Uint8Array, place: FramePlace): Frame {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv("aes-256-gcm", place.key, nonce).setAAD(aadOf(place))
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const tag = cipher.getAuthTag()
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(NONCE_BYTES + sealed.length + TAG_BYTES)
  return { bytes: Buffer.concat([length, nonce, sealed, tag]), tag }
}

/**
 * Frame at a position of a segment. `torn`: it was not written completely. `untrusted`: this workspace did not
 * seal it.
 */
export type ReadFrame =
  | { readonly kind: "record"; readonly plaintext: Buffer; readonly tag: Buffer; readonly end: number }
  | { readonly kind: "torn" }
  | { readonly kind: "untrusted" }

/** Reads the frame that begins at a position of a segment. */
export function readFrame(bytes: Buffer, offset: number, place: FramePlace): ReadFrame {
  if (offset + LENGTH_BYTES > bytes.length) return { kind: "torn" }
  const length = bytes.readUInt32BE(offset)
  const start = offset + LENGTH_BYTES
  const end = start + length
  if (length < NONCE_BYTES + TAG_BYTES || length > MAX_FRAME_BYTES) return { kind: "untrusted" }
  if (end > bytes.length) return { kind: "torn" }
  const tag = bytes.subarray(end - TAG_BYTES, end)
  const decipher = createDecipheriv("aes-256-gcm", place.key, bytes.subarray(start, start + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(aadOf(place)).setAuthTag(tag)
  try {
    const body = decipher.update(bytes.subarray(start + NONCE_BYTES, end - TAG_BYTES))
    return { kind: "record", plaintext: Buffer.concat([body, decipher.final()]), tag: Buffer.from(tag), end }
  } catch {
    return { kind: "untrusted" }
  }
}

function aadOf({ segment, before }: FramePlace): Buffer {
  return Buffer.concat([Buffer.from(`nightlight-guard-spool/1 ${segment} `), before])
}

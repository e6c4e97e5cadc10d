/**
 * First bytes of pictures, for searching in codes.
 * @module
 */
import { SIGNATURES } from "../media-signatures.ts"

/** First three bytes that are specific enough to search for anywhere in a code: JPEG, PNG, GIF, RIFF and TIFF. */
export const TELLING: ReadonlySet<number> = new Set([
  0xffd8ff, 0x89504e, 0x474946, 0x524946, 0x49492a, 0x4d4d00, 0x49492b, 0x4d4d00,
])

const STARTS: readonly ReadonlySet<number>[] = Array.from(
  { length: 24 },
  (_, bits) => new Set(Array.from(TELLING, (telling) => telling >>> (24 - bits))),
)

/** Whether the given bits, at most 23, are the first bits of one of {@link TELLING}. */
export function isTellingStart(value: number, bits: number): boolean {
  return STARTS[bits]?.has(value) === true
}

/** First twelve bits of every picture format in the signatures, of boxes, and of Windows' enhanced metafiles. */
const BEGINNINGS = new Uint8Array(0x1000)
for (const { offset, bytes, mediaType } of SIGNATURES) {
  if (offset !== 0 || !mediaType.startsWith("image/")) continue
  const [first = 0, second] = bytes
  // A portable anymap: `P` and a digit.
  BEGINNINGS[(first << 4) | (second === undefined ? 3 : second >> 4)] = 1
}
BEGINNINGS[0x000] = 1
BEGINNINGS[0x010] = 1

/** Whether any picture format begins with these twelve bits. */
export function mayBegin(bits: number): boolean {
  return BEGINNINGS[bits] === 1
}

const PICTURES = SIGNATURES.filter(({ mediaType }) => mediaType.startsWith("image/"))
/**
 * JPEG XL without boxes has a signature of two bytes, with which `/work` in base64 and one in 65,536 digests begin. It
 * is searched for only at the beginning of a code and, where no label says that it is a code, only in one of at least
 * {@link MIN_UNTOLD_BYTES} bytes.
 */
export function hasShortSignature(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0x0a
}

/** Shortest unlabelled code, bytes; see {@link hasShortSignature}. */
export const MIN_UNTOLD_BYTES = 256

/** Bytes that {@link hasSignature} examines. */
export const SIGNATURE_BYTES = 48

/** Whether bytes have a picture's signature, judged by single bytes; more costly checks come afterwards. */
export function hasSignature(head: Uint8Array): boolean {
  const has = (offset: number, bytes: readonly number[]) => bytes.every((byte, k) => head[offset + k] === byte)
  return has(4, FTYP) || PICTURES.some(({ offset, bytes }) => has(offset, bytes))
}

const FTYP = [0x66, 0x74, 0x79, 0x70]

/** Cost of {@link hasSignature} in steps. */
export const SIGNATURE_STEPS = 16

/**
 * Whether bytes that are not yet a picture may become one when more follow: a JPEG's frame header may come late.
 *
 * @param sizeBytes - total number of bytes, of which `bytes` are the first.
 */
export function mayBecomePicture(bytes: Uint8Array, sizeBytes: number): boolean {
  return sizeBytes < ENOUGH_BYTES || (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff)
}

/** Other pictures are recognised within this many bytes. */
const ENOUGH_BYTES = 96

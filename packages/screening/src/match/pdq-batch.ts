/**
 * Collects all PDQ hashes of one item as one batch: every view in every orientation, each distinct hash once.
 * @module
 */
import { ORIENTATIONS, type Picture, type Transformation } from "@nightlight/core"

const HASH_BYTES = 32
const HASH_DIGITS = 64

/** Lowest quality of a PDQ hash that is reliable enough to match. Source: facebook/ThreatExchange, pdq/README.md. */
export const MIN_MATCH_QUALITY = 50

/** Origin of a hash in the batch. */
export interface PdqOrigin {
  readonly transformation: Transformation
  /** PDQ quality of the view, 0 to 100. */
  readonly quality: number
}

/** Hashes to look up, and where each came from. */
export interface PdqBatch {
  /** n times 32 bytes, bit 255 first. */
  readonly hashes: Uint8Array
  /** n origins, in the order of the hashes. */
  readonly origins: readonly PdqOrigin[]
}

/**
 * Collects the hashes of a picture.
 *
 * A hash that several views or orientations share (symmetric pictures, still frames) is looked up once, with its first
 * origin of sufficient quality, or else its first origin.
 *
 * @throws {TypeError} if a hash is not 64 hexadecimal digits.
 */
export function pdqBatch(picture: Picture): PdqBatch {
  const positions = new Map<string, number>()
  const origins: PdqOrigin[] = []
  for (const { frame, background, crop, quality, dihedral } of picture.views) {
    let orientationIndex = 0
    for (const hash of dihedral) {
      // A view has at most eight hashes: fingerprints are checked before they are matched.
      const orientation = ORIENTATIONS[orientationIndex++] ?? "upright"
      const known = positions.get(hash)
      if (known === undefined) {
        positions.set(hash, origins.length)
        origins.push({ transformation: { orientation, crop, background, frame }, quality })
      } else if (quality >= MIN_MATCH_QUALITY && isWeak(origins[known])) {
        origins[known] = { transformation: { orientation, crop, background, frame }, quality }
      }
    }
  }
  return { hashes: packHashes([...positions.keys()]), origins }
}

/** Whether a hash is too unreliable to match. */
export function isWeak(origin: PdqOrigin | undefined): boolean {
  return origin === undefined || !(origin.quality >= MIN_MATCH_QUALITY)
}

function packHashes(hashes: readonly string[]): Uint8Array {
  // Buffer's native parser is several times faster than one written here; it stops at the first bad digit.
  const packed = Buffer.from(hashes.join(""), "hex")
  if (packed.length !== hashes.length * HASH_BYTES || hashes.some(({ length }) => length !== HASH_DIGITS)) {
    throw new TypeError("expected PDQ hashes of 64 hexadecimal digits")
  }
  return packed
}

/**
 * Room that decoders work in: making it anew for every word would cost more than the work.
 * @module
 */

const MAX_KEPT = 65_536

/** Bytes with a source position each. */
export interface Scratch {
  readonly bytes: Uint8Array
  readonly positions: Int32Array
}

/** Gives the same room again and again, larger where it must be; what is large is not kept. Not for two users at once. */
export function createScratch(): (size: number) => Scratch {
  let kept: Scratch = { bytes: new Uint8Array(1024), positions: new Int32Array(1024) }
  return (size) => {
    if (size <= kept.bytes.length) return kept
    const made = { bytes: new Uint8Array(size * 2), positions: new Int32Array(size * 2) }
    if (size * 2 <= MAX_KEPT) kept = made
    return made
  }
}

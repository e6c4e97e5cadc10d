/**
 * Buffers for decoders, because allocating them for every word would cost more than the decoding.
 * @module
 */

const MAX_KEPT = 65_536

/** Bytes, each with its source position. */
export interface Scratch {
  readonly bytes: Uint8Array
  readonly positions: Int32Array
}

/** Returns the same buffer each time, enlarged where needed; a large one is not kept. Not for concurrent use. */
export function createScratch(): (size: number) => Scratch {
  let kept: Scratch = { bytes: new Uint8Array(1024), positions: new Int32Array(1024) }
  return (size) => {
    if (size <= kept.bytes.length) return kept
    const made = { bytes: new Uint8Array(size * 2), positions: new Int32Array(size * 2) }
    if (size * 2 <= MAX_KEPT) kept = made
    return made
  }
}

/** How a format writes LZW codes. */
export interface LzwForm {
  /** Bits of a pixel's code; the code behind the pixels' clears the table, the next one ends the data. */
  readonly pixelBits: number
  /** `most` has a code's highest bit first, as TIFF does; `least` is GIF's. */
  readonly first: "most" | "least"
  /** Codes grow one earlier than they must: TIFF. */
  readonly isEarly: boolean
}

/** What LZW data turned out to be. */
export interface LzwWalk {
  /** `impossible` where a code stands for nothing yet. */
  readonly state: "ended" | "no-end" | "impossible"
  /** Bytes that it unpacks to. */
  readonly unpackedBytes: number
  /** Bytes of data up to where the walk stopped. */
  readonly usedBytes: number
}

const MOST_CODES = 4096
const lengths = new Uint32Array(MOST_CODES + 1)

/**
 * Follows LZW codes by what they unpack to in length alone (TIFF 6.0, section 13; GIF89a, appendix F). Stops at the end
 * code, or once more than `mostBytes` came out.
 */
export function walkLzw(data: Uint8Array, { pixelBits, first, isEarly }: LzwForm, mostBytes: number): LzwWalk {
  const clear = 1 << pixelBits
  const end = clear + 1
  const early = isEarly ? 1 : 0
  lengths.fill(1, 0, clear)
  let next = clear + 2
  let width = pixelBits + 1
  let previous = 0
  let unpackedBytes = 0
  let bits = 0
  let held = 0
  let offset = 0
  while (unpackedBytes <= mostBytes) {
    while (held < width) {
      if (offset === data.length) return { state: "no-end", unpackedBytes, usedBytes: offset }
      const byte = data[offset++] ?? 0
      bits = first === "most" ? ((bits << 8) | byte) & 0xfffff : bits | (byte << held)
      held += 8
    }
    const code = (first === "most" ? bits >>> (held - width) : bits) & ((1 << width) - 1)
    held -= width
    if (first === "least") bits >>>= width
    if (code === end) return { state: "ended", unpackedBytes, usedBytes: offset }
    if (code === clear) {
      next = clear + 2
      width = pixelBits + 1
      previous = 0
      continue
    }
    const isKnown = code < clear || (code > end && code < next)
    if (!isKnown && (code !== next || previous === 0 || next >= MOST_CODES)) {
      return { state: "impossible", unpackedBytes, usedBytes: offset }
    }
    const length = isKnown ? (lengths[code] ?? 0) : previous + 1
    if (previous !== 0 && next < MOST_CODES) {
      lengths[next++] = previous + 1
      if (next + early >= 1 << width && width < 12) width++
    }
    unpackedBytes += length
    previous = length
  }
  return { state: "no-end", unpackedBytes, usedBytes: offset }
}

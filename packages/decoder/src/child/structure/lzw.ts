/** How a format writes LZW codes. */
export interface LzwForm {
  /** Bits of a pixel's code; the code after the pixels' codes clears the table, and the next one ends the data. */
  readonly pixelBits: number
  /** `most`: a code's highest bit comes first, as in TIFF; `least`: the lowest, as in GIF. */
  readonly first: "most" | "least"
  /** Whether codes grow one earlier than necessary, as in TIFF. */
  readonly isEarly: boolean
}

/** Result of walking LZW data. */
export interface LzwWalk {
  /** `impossible` where a code is not defined yet. */
  readonly state: "ended" | "no-end" | "impossible"
  /** Unpacked size in bytes. */
  readonly unpackedBytes: number
  /** Bytes of data that were read. */
  readonly usedBytes: number
}

const MAX_CODES = 4096
const lengths = new Uint32Array(MAX_CODES + 1)

/**
 * Walks LZW codes and counts only the unpacked length (TIFF 6.0, section 13; GIF89a, appendix F). Stops at the end
 * code, or after more than `mostBytes`.
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
    if (!isKnown && (code !== next || previous === 0 || next >= MAX_CODES)) {
      return { state: "impossible", unpackedBytes, usedBytes: offset }
    }
    const length = isKnown ? (lengths[code] ?? 0) : previous + 1
    if (previous !== 0 && next < MAX_CODES) {
      lengths[next++] = previous + 1
      if (next + early >= 1 << width && width < 12) width++
    }
    unpackedBytes += length
    previous = length
  }
  return { state: "no-end", unpackedBytes, usedBytes: offset }
}

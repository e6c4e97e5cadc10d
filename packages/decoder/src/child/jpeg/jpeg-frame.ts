/** Content of a JPEG's frame header (ITU-T T.81, B.2.2). */
export interface JpegFrame {
  readonly width: number
  readonly height: number
  /** Number of stored colour components. */
  readonly components: number
  /** Whether it has eight bits, Huffman coding, and either grey or three colours with a common sampling. */
  readonly isPlain: boolean
  /** Whether it is not progressive: scans do not refine one another, so the time of a decode follows from its size. */
  readonly isSequential: boolean
}

/** Sequential, extended sequential and progressive: those of SOF0 to SOF15 with Huffman coding. */
const PLAIN_FRAMES = [0xc0, 0xc1, 0xc2]

/** Horizontal and vertical sampling of brightness against colour: 4:4:4, 4:2:2, 4:2:0, 4:4:0 and 4:1:1. */
const PLAIN_SAMPLINGS = [0x11, 0x21, 0x22, 0x12, 0x41]

/** Reads the first frame header; `undefined` where there is none before the coded data. */
export function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  let offset = 2
  while (offset + 10 <= bytes.length) {
    const marker = bytes[offset + 1] ?? 0
    if (bytes[offset] !== 0xff || marker === 0xff) offset += 1
    else if (isFrameHeader(marker)) return frameAt(bytes, offset)
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) offset += 2
    else if (marker === 0xd9 || marker === 0xda) return undefined
    else offset += 2 + Math.max(2, u16(bytes, offset + 2))
  }
  return undefined
}

function frameAt(bytes: Uint8Array, offset: number): JpegFrame {
  const [marker = 0, bits, components = 0] = [bytes[offset + 1], bytes[offset + 4], bytes[offset + 9]]
  const height = u16(bytes, offset + 5)
  const width = u16(bytes, offset + 7)
  const samplings = Array.from({ length: components }, (_, i) => bytes[offset + 11 + 3 * i] ?? 0)
  const hasSize = width > 0 && height > 0
  const isPlain = hasSize && PLAIN_FRAMES.includes(marker) && bits === 8 && isPlainSampling(samplings)
  return { width, height, components, isPlain, isSequential: marker < 0xc2 }
}

function isPlainSampling([first = 0, ...others]: readonly number[]): boolean {
  if (others.length === 0) return first === 0x11
  return others.length === 2 && others.every((other) => other === 0x11) && PLAIN_SAMPLINGS.includes(first)
}

/** SOF0 to SOF15 without the tables and extensions among them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

function u16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0)
}

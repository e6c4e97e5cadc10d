/** A sequential JPEG of random blocks (ITU-T T.81), in forms that the encoder of the other tests cannot write. */
export interface RandomJpeg {
  readonly width: number
  readonly height: number
  /** Horizontal in the upper four bits, vertical in the lower, of each component. */
  readonly samplings: readonly number[]
  /** Units between restart markers; 0 for none. */
  readonly restartEvery: number
  readonly quantiser: number
  /** Greatest coefficient but the first, at most 1,023; 6 by default. */
  readonly largest?: number
  readonly random: () => number
}

/** Writes the JPEG. Brightness and colour have any value, so that many pixels are outside RGB's range. */
export function randomJpeg(jpeg: RandomJpeg): Buffer {
  const { width, height, samplings, restartEvery, quantiser } = jpeg
  const parts = samplings.map((sampling, i) => [i + 1, sampling, 0])
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, ...Array.from({ length: 64 }, () => quantiser)]),
    segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, parts.length, ...parts.flat()]),
    segment(0xc4, [0, ...counts(4, DC_SYMBOLS.length), ...DC_SYMBOLS]),
    segment(0xc4, [0x10, ...counts(8, AC_SYMBOLS.length), ...AC_SYMBOLS]),
    segment(0xdd, [restartEvery >> 8, restartEvery & 255]),
    segment(0xda, [parts.length, ...parts.flatMap(([id = 0]) => [id, 0]), 0, 63, 0]),
    scanOf(jpeg),
    Buffer.from([0xff, 0xd9]),
  ])
}

/** Every symbol of a table has a code of the same length: its position. */
const DC_SYMBOLS = Array.from({ length: 12 }, (_, size) => size)
const AC_SYMBOLS = [0x00, 0xf0, ...Array.from({ length: 160 }, (_, i) => (Math.floor(i / 10) << 4) | ((i % 10) + 1))]

function counts(length: number, symbols: number): number[] {
  return Array.from({ length: 16 }, (_, i) => (i + 1 === length ? symbols : 0))
}

function segment(marker: number, content: readonly number[]): Buffer {
  const length = content.length + 2
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...content])
}

function scanOf({ width, height, samplings, restartEvery, quantiser, largest = 6, random }: RandomJpeg): Buffer {
  const across = Math.max(...samplings.map((sampling) => sampling >> 4))
  const down = Math.max(...samplings.map((sampling) => sampling & 15))
  const units = Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down))
  const bits = new Bits()
  let before = samplings.map(() => 0)
  for (let unit = 0; unit < units; unit++) {
    if (restartEvery > 0 && unit > 0 && unit % restartEvery === 0) {
      bits.mark(0xd0 + ((unit / restartEvery - 1) % 8))
      before = samplings.map(() => 0)
    }
    for (const [i, sampling] of samplings.entries()) {
      for (let block = 0; block < (sampling >> 4) * (sampling & 15); block++) {
        const mean = Math.round(((random() - 0.5) * 1900) / quantiser)
        writeBlock(bits, mean - (before[i] ?? 0), largest, random)
        before[i] = mean
      }
    }
  }
  return bits.end()
}

function writeBlock(bits: Bits, difference: number, largest: number, random: () => number): void {
  bits.put(DC_SYMBOLS.indexOf(sizeOf(difference)), 4)
  bits.value(difference)
  for (let offset = 1; offset < 64; ) {
    const run = Math.floor(random() * 16)
    if (offset + run > 63 || random() < 0.2) break
    const value = Math.round((random() - 0.5) * 2 * largest) || 1
    bits.put(AC_SYMBOLS.indexOf((run << 4) | sizeOf(value)), 8)
    bits.value(value)
    offset += run + 1
    if (offset > 63) return
  }
  bits.put(AC_SYMBOLS.indexOf(0), 8)
}

function sizeOf(value: number): number {
  return 32 - Math.clz32(Math.abs(value))
}

class Bits {
  readonly #bytes: number[] = []
  #held = 0
  #count = 0

  put(bits: number, length: number): void {
    for (let i = length - 1; i >= 0; i--) {
      this.#held = (this.#held << 1) | ((bits >> i) & 1)
      if (++this.#count < 8) continue
      this.#bytes.push(this.#held)
      if (this.#held === 0xff) this.#bytes.push(0)
      this.#held = 0
      this.#count = 0
    }
  }

  /** Writes a number's bits; for a negative one, those of the number minus one. */
  value(value: number): void {
    const size = sizeOf(value)
    this.put(value < 0 ? value + 2 ** size - 1 : value, size)
  }

  mark(marker: number): void {
    while (this.#count > 0) this.put(1, 1)
    this.#bytes.push(0xff, marker)
  }

  end(): Buffer {
    while (this.#count > 0) this.put(1, 1)
    return Buffer.from(this.#bytes)
  }
}

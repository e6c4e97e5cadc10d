import type { Bits } from "./bits.ts"
import { PrefixCode } from "./prefix-code.ts"

/** The order in which lengths of the code for lengths are written (RFC 9649, 3.7.2.1.2). */
const ORDER = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

/** Repeat codes: number of extra bits, and smallest count. */
const REPEATS = [
  [2, 3],
  [3, 3],
  [7, 11],
] as const

/** Reads a prefix code with this many symbols; `undefined` where it is invalid. */
export function readCode(bits: Bits, symbols: number): PrefixCode | undefined {
  const lengths = new Uint8Array(symbols)
  if (bits.read(1) === 1) return simpleCode(bits, lengths)
  const ofLengths = new Uint8Array(ORDER.length)
  const count = 4 + bits.read(4)
  for (let k = 0; k < count; k++) ofLengths[ORDER[k] ?? 0] = bits.read(3)
  const code = PrefixCode.of(ofLengths)
  if (code === undefined) return undefined
  let left = symbols
  if (bits.read(1) === 1) left = 2 + bits.read(2 + 2 * bits.read(3))
  if (left > symbols) return undefined
  let before = 8
  for (let symbol = 0; symbol < symbols && left > 0; left--) {
    const length = code.read(bits)
    if (length < 16) {
      lengths[symbol++] = length
      if (length !== 0) before = length
      continue
    }
    const [extra, least] = REPEATS[length - 16] ?? [0, 0]
    const end = symbol + least + bits.read(extra)
    if (end > symbols) return undefined
    lengths.fill(length === 16 ? before : 0, symbol, end)
    symbol = end
  }
  return PrefixCode.of(lengths)
}

/** Reads a code of one or two symbols, which are stored directly. */
function simpleCode(bits: Bits, lengths: Uint8Array): PrefixCode | undefined {
  const count = 1 + bits.read(1)
  const written = [bits.read(bits.read(1) === 1 ? 8 : 1)]
  if (count === 2) written.push(bits.read(8))
  for (const symbol of written) {
    if (symbol >= lengths.length) return undefined
    lengths[symbol] = 1
  }
  return PrefixCode.of(lengths)
}

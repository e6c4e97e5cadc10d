import { bytesToTexts } from "./bytes-to-texts.ts"
import type { Decoded, Decoder } from "./decoded.ts"
import { createScratch } from "./scratch.ts"

const nibbleRoom = createScratch()
const byteRoom = createScratch()

/** Shorter runs are words and numbers. */
const MIN_RUN = 8
/** Separators in a row, such as `, `. */
const MAX_SEPARATORS = 2

/** Texts in hexadecimal: together, apart (`63 61`, `63:61`) or as `0x63, 0x61`; both alignments. */
export const hex: Decoder = (source) => {
  const texts: Decoded[] = []
  let openFrom = source.length
  const { bytes: nibbles, at } = nibbleRoom(source.length)
  let size = 0
  let separators = 0
  const end = (reachesEnd: boolean) => {
    if (size >= MIN_RUN || (reachesEnd && size > 0)) {
      for (let shift = 0; shift < 2 && shift < size; shift++) {
        const length = (size - shift) >> 1
        const { bytes, at: places } = byteRoom(length)
        for (let k = 0; k < length; k++) {
          const i = shift + 2 * k
          bytes[k] = ((nibbles[i] as number) << 4) | (nibbles[i + 1] as number)
          places[k] = at[i] as number
        }
        const cut = bytesToTexts({ bytes, at: places, length, reachesEnd, tentative: size < MIN_RUN }, texts)
        const rest = (size - shift) % 2 === 0 ? undefined : at[size - 1]
        if (reachesEnd) openFrom = Math.min(openFrom, cut ?? rest ?? openFrom)
      }
    }
    size = 0
    separators = 0
  }
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i)
    const nibble = nibbleOf(code)
    if (nibble !== undefined) {
      nibbles[size] = nibble
      at[size++] = i
      separators = 0
    } else if ((code | 0x20) === 0x78 && size > 0 && nibbles[size - 1] === 0) size--
    else if (size > 0 && (!isSeparator(code) || ++separators > MAX_SEPARATORS)) end(false)
  }
  end(true)
  return { texts, openFrom }
}

function nibbleOf(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 && code < 0x80 ? lower - 0x57 : undefined
}

function isSeparator(code: number): boolean {
  return code === 0x20 || code === 0x2c || code === 0x2d || code === 0x3a || code === 0x0a
}

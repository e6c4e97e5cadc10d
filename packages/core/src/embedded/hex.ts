import { bytesToTexts } from "./bytes-to-texts.ts"
import type { Decoded, Decoder } from "./decoded.ts"
import { hexRuns } from "./hex-runs.ts"
import { createScratch } from "./scratch.ts"

const byteRoom = createScratch()

/** Shorter runs are usually words and numbers. */
const MIN_RUN = 8

/** Decodes texts in hexadecimal: adjacent, separated (`63 61`, `63:61`) or as `0x63, 0x61`; at both alignments. */
export const hex: Decoder = (source, minAscii = 0) => {
  const texts: Decoded[] = []
  let openFrom = source.length
  hexRuns(source, MIN_RUN, ({ nibbles, positions, size, reachesEnd }) => {
    for (let shift = 0; shift < 2 && shift < size; shift++) {
      const length = (size - shift) >> 1
      const { bytes, positions: places } = byteRoom(length)
      for (let k = 0; k < length; k++) {
        const i = shift + 2 * k
        bytes[k] = ((nibbles[i] as number) << 4) | (nibbles[i + 1] as number)
        places[k] = positions[i] as number
      }
      const cut = bytesToTexts(
        { bytes, positions: places, length, reachesEnd, tentative: size < MIN_RUN },
        texts,
        minAscii,
      )
      const rest = (size - shift) % 2 === 0 ? undefined : positions[size - 1]
      if (reachesEnd) openFrom = Math.min(openFrom, cut ?? rest ?? openFrom)
    }
  })
  return { texts, openFrom }
}

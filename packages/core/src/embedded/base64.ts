import { BASE64_VALUES, OTHER, SPACE } from "./base64-digits.ts"
import { readGroups } from "./base64-groups.ts"
import { bytesToTexts } from "./bytes-to-texts.ts"
import type { Decoded, Decoder } from "./decoded.ts"
import { createScratch } from "./scratch.ts"
import { BLANK, unseenKind, unseenUnits } from "./unseen.ts"

const sextetRoom = createScratch()
const byteRoom = createScratch()

/** Shorter runs are usually words. */
const MIN_RUN = 8

/**
 * Decodes texts in base64, in either alphabet, across line breaks and invisible characters, from any position in a run:
 * reads all four alignments, so a word before the code does not hide it.
 */
export const base64: Decoder = (source, minAscii = 0) => {
  const texts: Decoded[] = []
  let openFrom = source.length
  const { bytes: sextets, positions } = sextetRoom(source.length)
  let size = 0
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i)
    const value = code < 0x80 ? (BASE64_VALUES[code] as number) : OTHER
    if (value < SPACE) {
      sextets[size] = value
      positions[size++] = i
    } else if (size > 0 && code !== 0x0a && code !== 0x0d) {
      const unseen = code < 0x80 || unseenKind(code) === BLANK ? 0 : unseenUnits(source, i)
      if (unseen > 0) i += unseen - 1
      else {
        if (size >= MIN_RUN) readRun({ sextets, positions, size, reachesEnd: false, minAscii }, texts)
        size = 0
      }
    }
  }
  if (size > 0) openFrom = Math.min(openFrom, readRun({ sextets, positions, size, reachesEnd: true, minAscii }, texts))
  readGroups(source, minAscii, texts)
  return { texts, openFrom }
}

interface Run {
  readonly sextets: Uint8Array
  readonly positions: Int32Array
  readonly size: number
  readonly reachesEnd: boolean
  readonly minAscii: number
}

/** Reads a run at all four alignments. @returns the position of an incomplete text at the end, or infinity. */
function readRun(run: Run, texts: Decoded[]): number {
  let openFrom = Number.POSITIVE_INFINITY
  for (let shift = 0; shift < 4 && shift < run.size; shift++) {
    openFrom = Math.min(openFrom, readFrom(run, shift, texts) ?? openFrom)
  }
  return openFrom
}

/** Reads a run from an offset. @returns the position of an incomplete text at the end. */
function readFrom(
  { sextets, positions, size, reachesEnd, minAscii }: Run,
  shift: number,
  texts: Decoded[],
): number | undefined {
  const sized = size - shift
  const { bytes, positions: places } = byteRoom(Math.ceil((sized * 3) / 4))
  let length = 0
  for (let i = shift; i + 1 < size; i += 4) {
    const a = sextets[i] as number
    const b = sextets[i + 1] as number
    const c = i + 2 < size ? (sextets[i + 2] as number) : undefined
    const d = i + 3 < size ? (sextets[i + 3] as number) : undefined
    const from = positions[i] as number
    places[length] = from
    bytes[length++] = (a << 2) | (b >> 4)
    if (c === undefined) break
    places[length] = from
    bytes[length++] = ((b & 15) << 4) | (c >> 2)
    if (d === undefined) break
    places[length] = from
    bytes[length++] = ((c & 3) << 6) | d
  }
  const cut = bytesToTexts({ bytes, positions: places, length, reachesEnd, tentative: size < MIN_RUN }, texts, minAscii)
  if (!reachesEnd) return undefined
  const rest = sized % 4
  return cut ?? (rest === 0 ? undefined : positions[size - rest])
}

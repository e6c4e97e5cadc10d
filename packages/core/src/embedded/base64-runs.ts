import { BASE64_VALUES, OTHER, SPACE } from "./base64-digits.ts"
import { TELLING } from "./first-bytes.ts"
import { unseenUnits } from "./unseen.ts"

/** A run of base64 digits across white space and invisible characters, as a browser reads it after `base64,`. */
export interface Base64Run {
  /** Values of the digits, 0 to 63. Valid until the next run. */
  readonly digits: Uint8Array
  readonly size: number
  /** Offsets in the run, ascending, at which a word begins after characters that are not digits. The first is 0. */
  readonly words: Int32Array
  readonly wordCount: number
  /** Offsets of digits, ascending, at which the first bytes of a well-known picture format occur. */
  readonly magics: readonly number[]
  readonly reachesEnd: boolean
  /** Position of a digit in the source. Valid until the next run. */
  readonly positionOf: (place: number) => number
  /** Like `positionOf`, where the digit's word is known. */
  readonly positionIn: (word: number, place: number) => number
  /** Like `positionOf`, valid beyond the next run. */
  readonly keepPositions: () => (place: number) => number
}

/**
 * Signatures of boxes: the fourth to sixth bytes, after three zero bytes of a size. `JXL `, `jP  `; `?ft` of `ftyp`.
 */
const JXL = 0x0c4a58
const JP2 = 0x0c6a50
const FT = 0x6674

const FIRST_BYTE = new Uint8Array(256)
for (const bytes of [...TELLING, JXL, JP2]) FIRST_BYTE[bytes >>> 16] = 1

/** The letters `data` of a URL scheme: with a colon after them, a URL follows, and the run ends before them. */
const DATA = [29, 26, 45, 26]

/**
 * Calls back with every run of at least `minDigits` digits, in order, and with a run of any length at the end of the
 * source.
 */
export function base64Runs(source: string, minDigits: number, onRun: (run: Base64Run) => void): void {
  const room = openRoom(source.length)
  const { digits, words, wordAt } = room
  let size = 0
  let wordCount = 0
  let isApart = true
  let window = 0
  let magics: number[] = []
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i)
    const value = code < 0x80 ? (BASE64_VALUES[code] as number) : unseenUnits(source, i) > 0 ? SPACE : OTHER
    if (value < SPACE) {
      if (isApart) {
        words[wordCount] = size
        wordAt[wordCount++] = i
        isApart = false
      }
      digits[size++] = value
      window = ((window << 6) | value) & 0xffffff
      if (size >= 4 && isMagic(digits, size, window)) magics.push(size - (TELLING.has(window) ? 4 : 8))
    } else if (value === SPACE) {
      isApart = true
      // Skip the second half of a surrogate pair.
      if ((code & 0xfc00) === 0xd800) i++
    } else if (size > 0) {
      if (code === 0x3a && endsAsData(digits, size)) {
        size -= 4
        while (wordCount > 0 && (words[wordCount - 1] as number) >= size) wordCount--
        if (magics.length > 0) magics = magics.filter((place) => place < size)
      }
      if (size >= minDigits && size > 0) onRun(toRun(room, { size, wordCount, magics, reachesEnd: false }))
      if (magics.length > 0) magics = []
      size = 0
      wordCount = 0
      window = 0
      isApart = true
    }
  }
  if (size > 0) onRun(toRun(room, { size, wordCount, magics, reachesEnd: true }))
}

type RunSize = Pick<Base64Run, "size" | "wordCount" | "magics" | "reachesEnd">

function toRun({ digits, words, wordAt }: Room, size: RunSize): Base64Run {
  const { wordCount } = size
  return {
    ...size,
    digits,
    words,
    positionOf: (place) => positionOf(place, words, wordAt, wordCount),
    positionIn: (word, place) => (wordAt[word] as number) + place - (words[word] as number),
    keepPositions: () => {
      const [kept, keptAt] = [words.slice(0, wordCount), wordAt.slice(0, wordCount)]
      return (place) => positionOf(place, kept, keptAt, kept.length)
    },
  }
}

/** Digits within a word are adjacent. */
function positionOf(place: number, words: Int32Array, wordAt: Int32Array, wordCount: number): number {
  let low = 0
  let high = wordCount - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((words[middle] as number) <= place) low = middle
    else high = middle - 1
  }
  return (wordAt[low] as number) + place - (words[low] as number)
}

function isMagic(digits: Uint8Array, size: number, window: number): boolean {
  if (FIRST_BYTE[window >>> 16] === 1 && TELLING.has(window)) return true
  if ((window & 0xffff) !== FT && window !== JXL && window !== JP2) return false
  return size >= 8 && isZero(digits, size - 8)
}

function isZero(digits: Uint8Array, place: number): boolean {
  return digits[place] === 0 && digits[place + 1] === 0 && digits[place + 2] === 0 && digits[place + 3] === 0
}

/** `data` or `DATA`, whatever the case of each letter. */
function endsAsData(digits: Uint8Array, size: number): boolean {
  return size >= 4 && DATA.every((lower, k) => digits[size - 4 + k] === lower || digits[size - 4 + k] === lower - 26)
}

interface Room {
  readonly digits: Uint8Array
  readonly words: Int32Array
  readonly wordAt: Int32Array
}

const MAX_KEPT = 65_536
let kept = makeRoom(1024)

/** Reuses the same buffers for small texts; a run is processed before the next one is read. */
function openRoom(size: number): Room {
  if (size > MAX_KEPT) return makeRoom(size)
  if (size > kept.digits.length) kept = makeRoom(size * 2)
  return kept
}

function makeRoom(size: number): Room {
  // There is at least one character between two words.
  const words = (size >> 1) + 1
  return { digits: new Uint8Array(size), words: new Int32Array(words), wordAt: new Int32Array(words) }
}

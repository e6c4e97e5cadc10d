import { createScratch } from "./scratch.ts"
import { BLANK, unseenKind, unseenUnits } from "./unseen.ts"

const room = createScratch()
/** Most consecutive separators, such as `, `, not counting white space. */
const MAX_SEPARATORS = 2
/** Fewest digits of a line of code, which may have an odd number of digits. */
const LINE_DIGITS = 15

/** A run of hexadecimal digits: adjacent, separated (`63 61`, `63:61`) or as `0x63, 0x61`. */
export interface HexRun {
  /** Values, 0 to 15. Valid until the next run. */
  readonly nibbles: Uint8Array
  /** Position of each digit in the source. */
  readonly positions: Int32Array
  readonly size: number
  readonly reachesEnd: boolean
}

/**
 * Calls back with every run of at least `minDigits` digits, in order, and with a run of any length at the end of the
 * source. Separators join whole bytes and lines, but not single digits, which form a table.
 */
export function hexRuns(source: string, minDigits: number, onRun: (run: HexRun) => void): void {
  const { bytes: nibbles, positions } = room(source.length)
  let size = 0
  let separators = 0
  let isApart = false
  let group = 0
  let isBehindLine = false
  const emit = (to: number, reachesEnd: boolean) => {
    if (to > 0 && (to >= minDigits || reachesEnd)) onRun({ nibbles, positions, size: to, reachesEnd })
  }
  /**
   * Ends the run before the last group if that group is not whole bytes. The first group may be incomplete after a cut.
   */
  const endGroup = (): boolean => {
    const length = size - group
    if (length % 2 === 0 || length >= LINE_DIGITS || isBehindLine || positions[group] === 0) return true
    if (group > 0) {
      emit(group, false)
      nibbles.copyWithin(0, group, size)
      positions.copyWithin(0, group, size)
      size = length
      group = 0
    }
    return false
  }
  const end = (reachesEnd: boolean) => {
    if (!reachesEnd && size > 0) endGroup()
    emit(size, reachesEnd)
    size = 0
    group = 0
    separators = 0
    isApart = false
    isBehindLine = false
  }
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i)
    const nibble = code < 0x80 ? (NIBBLES[code] as number) : NONE
    // This is the common case.
    if (nibble === NONE && size === 0) continue
    if (nibble !== NONE) {
      if (isApart) {
        if (endGroup()) isBehindLine = size - group >= LINE_DIGITS
        else end(false)
        isApart = false
        group = size
      }
      nibbles[size] = nibble
      positions[size++] = i
      separators = 0
    } else if ((code | 0x20) === 0x78 && size > group && nibbles[size - 1] === 0) size--
    else {
      if (isWhite(code)) isApart = true
      else if (isSeparator(code) && ++separators <= MAX_SEPARATORS) isApart = true
      else if (code < 0x80 ? !isControl(code) : unseenUnits(source, i) === 0) end(false)
      else if ((code & 0xfc00) === 0xd800) i++
    }
  }
  end(true)
}

const NONE = 255
/** Value of each ASCII character as a digit. */
const NIBBLES = new Uint8Array(0x80).fill(NONE)
for (const [value, digit] of Array.from("0123456789abcdef").entries()) {
  NIBBLES[digit.charCodeAt(0)] = value
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value
}

function isSeparator(code: number): boolean {
  return code === 0x2c || code === 0x2d || code === 0x3a
}

function isWhite(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x80 && unseenKind(code) === BLANK)
}

function isControl(code: number): boolean {
  return code < 0x20 || code === 0x7f
}

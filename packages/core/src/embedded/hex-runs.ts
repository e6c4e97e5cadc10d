import { createScratch } from "./scratch.ts"
import { BLANK, unseenKind, unseenUnits } from "./unseen.ts"

const room = createScratch()
/** Separators in a row, such as `, `, besides white space. */
const MAX_SEPARATORS = 2
/** Digits of a line of a code, which may have an odd number of them. */
const LINE_DIGITS = 15

/** Hexadecimal digits in a row: together, apart (`63 61`, `63:61`) or as `0x63, 0x61`. */
export interface HexRun {
  /** Values, 0 to 15. Good until the next run. */
  readonly nibbles: Uint8Array
  /** Position of each in the source. */
  readonly positions: Int32Array
  readonly size: number
  readonly reachesEnd: boolean
}

/**
 * Calls back with every run of at least so many digits, in order; with what the end cuts off, however short. Over
 * separators whole bytes are joined, and lines: single digits side by side are a table.
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
  /** Ends the run before the last group where that is no whole bytes. A cut may have been before the first one. */
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
    // Most characters of most texts.
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

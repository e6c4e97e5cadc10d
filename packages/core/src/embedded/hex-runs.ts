import { createScratch } from "./scratch.ts"

const room = createScratch()
/** Separators in a row, such as `, `. */
const MAX_SEPARATORS = 2

/** Hexadecimal digits in a row: together, apart (`63 61`, `63:61`) or as `0x63, 0x61`. */
export interface HexRun {
  /** Values, 0 to 15. Good until the next run. */
  readonly nibbles: Uint8Array
  /** Position of each in the source. */
  readonly at: Int32Array
  readonly size: number
  readonly reachesEnd: boolean
}

/** Calls back with every run of at least so many digits, in order; with what the end cuts off, however short. */
export function hexRuns(source: string, minDigits: number, onRun: (run: HexRun) => void): void {
  const { bytes: nibbles, at } = room(source.length)
  let size = 0
  let separators = 0
  const end = (reachesEnd: boolean) => {
    if (size > 0 && (size >= minDigits || reachesEnd)) onRun({ nibbles, at, size, reachesEnd })
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
}

function nibbleOf(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 && code < 0x80 ? lower - 0x57 : undefined
}

function isSeparator(code: number): boolean {
  return code === 0x20 || code === 0x2c || code === 0x2d || code === 0x3a || code === 0x0a || code === 0x0d
}

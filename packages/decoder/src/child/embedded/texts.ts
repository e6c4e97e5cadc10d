/** Shorter runs of letters hold no picture. */
const LEAST_LETTERS = 64

/** Letters, digits, signs and white space in a row. */
const RUN = /[\t\n\r -~]{64,}/g

/** Text in which so many bytes are zero is UTF-16. */
const WIDE_SHARE = 0.3

/** The stretches of an area that are text, in which a picture may be written in a code. */
export function textsIn(area: Buffer): string[] {
  if (area.length < LEAST_LETTERS) return []
  return lettersOf(area).match(RUN) ?? []
}

/** One letter a byte; of UTF-16 without the zeros between its letters. */
function lettersOf(area: Buffer): string {
  const text = area.toString("latin1")
  let zeros = 0
  for (const byte of area) if (byte === 0) zeros++
  return zeros > area.length * WIDE_SHARE ? text.replaceAll("\0", "") : text
}

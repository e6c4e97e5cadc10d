/** Shorter runs of letters contain no picture. */
const LEAST_LETTERS = 64

/** A run of letters, digits, signs and white space. */
const RUN = /[\t\n\r -~]{64,}/g

/** Share of zero bytes from which text is UTF-16. */
const WIDE_SHARE = 0.3

/** The text stretches of an area, which may contain an encoded picture. */
export function textsIn(area: Buffer): string[] {
  if (area.length < LEAST_LETTERS) return []
  return lettersOf(area).match(RUN) ?? []
}

/** The text with one byte per letter; UTF-16 without its zero bytes. */
function lettersOf(area: Buffer): string {
  const text = area.toString("latin1")
  let zeros = 0
  for (const byte of area) if (byte === 0) zeros++
  return zeros > area.length * WIDE_SHARE ? text.replaceAll("\0", "") : text
}

/** Shorter runs hold no picture. */
const LEAST_DIGITS = 64

/** Text in which so many bytes are zero is UTF-16. */
const WIDE_SHARE = 0.3

/**
 * What an area says in hexadecimal digits or base64: runs of either, with white space and line ends, as metadata of
 * XML, comments and "Raw profile" texts hold them. Runs in other encodings are not read.
 */
export function decodedRuns(area: Buffer): Buffer[] {
  if (area.length < LEAST_DIGITS) return []
  const text = textOf(area)
  return [...hexRuns(text), ...base64Runs(text)]
}

/** As one letter a byte; of UTF-16 without the zeros between its letters. */
function textOf(area: Buffer): string {
  let zeros = 0
  for (const byte of area) if (byte === 0) zeros++
  const text = area.toString("latin1")
  return zeros > area.length * WIDE_SHARE ? text.replaceAll("\0", "") : text
}

const HEX = /[0-9A-Fa-f](?:[0-9A-Fa-f\s]|\\n)*/g

function hexRuns(text: string): Buffer[] {
  return runsOf(text, HEX).flatMap((digits) => {
    // A length may stand before the digits.
    return [digits, digits.slice(1)].map((aligned) => Buffer.from(aligned, "hex"))
  })
}

const BASE64 = /[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_\s-]|\\[nr/]|&#(?:x[aAdD]|1[03]);)*/g

/** Letters with which base64 of a picture begins, where other letters stand right before it. */
const BEGINNINGS = ["/9j/", "iVBORw0KGgo", "R0lGOD", "UklGR", "SUkqA", "TU0AK"]

function base64Runs(text: string): Buffer[] {
  return runsOf(text, BASE64).flatMap((letters) => {
    const starts = new Set([0, ...BEGINNINGS.map((beginning) => letters.indexOf(beginning))])
    return [...starts].filter((at) => at >= 0).map((at) => Buffer.from(letters.slice(at), "base64"))
  })
}

function runsOf(text: string, pattern: RegExp): string[] {
  const runs: string[] = []
  for (const [run] of text.matchAll(pattern)) {
    if (run.length < LEAST_DIGITS) continue
    const letters = run.replaceAll(/\\\/|\\[nr]|&#\w+;|\s/g, (found) => (found === "\\/" ? "/" : ""))
    if (letters.length >= LEAST_DIGITS) runs.push(letters)
  }
  return runs
}

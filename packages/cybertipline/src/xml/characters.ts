/** Replaces a character that XML cannot carry: U+FFFD, one for one, so that lengths stay. */
export const REPLACEMENT = "\uFFFD"

// The negation of XML 1.0's Char. With the u flag a pair of surrogates is one character, so only lone ones are hit.
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/** A text that XML can carry, and how many characters were replaced to get there. */
export interface CleanText {
  readonly text: string
  readonly replaced: number
}

/**
 * Replaces what XML 1.0 cannot carry: controls but tab and line ends, lone surrogates, U+FFFE and U+FFFF.
 *
 * @returns The text with U+FFFD in their places, and their number; a caller that needs the original must store it
 *   elsewhere and say so.
 */
export function replaceForbidden(text: string): CleanText {
  let replaced = 0
  const clean = text.replace(FORBIDDEN, () => {
    replaced++
    return REPLACEMENT
  })
  return { text: clean, replaced }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
  "\n": "&#10;",
  "\t": "&#9;",
}

/** Escapes text between tags; a carriage return is kept, which a parser would turn into a line feed. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character)
}

/** Escapes an attribute's value in double quotes; white space is kept. */
export function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (character) => ESCAPES[character] ?? character)
}

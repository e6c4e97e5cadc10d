const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu

/**
 * Makes a source's text safe to store and show: trimmed, well-formed, control and direction characters replaced by
 * U+FFFD, cut to a length. An entry with hostile text keeps its hash.
 */
export function cleanText(text: string, maxLength: number): string {
  const short = text.length > maxLength * 2 ? text.slice(0, maxLength * 2) : text
  return short.trim().toWellFormed().replace(UNSAFE, "\ufffd").slice(0, maxLength).toWellFormed()
}

/**
 * Quoted-printable (RFC 2045, 6.7), in which mail may write any bytes.
 * @module
 */

/** Whether a text says that a part of it is written so. */
export function hasQuotedPrintable(text: string): boolean {
  return /^content-transfer-encoding:\s*quoted-printable/im.test(text)
}

/** The text with escapes as the characters of their bytes, and its lines joined. */
export function undoQuotedPrintable(text: string): string {
  return text
    .replace(/=[ \t]*\r?\n/g, "")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

import { base64, hex, textsBefore, unescapeText } from "@nightlight/core/embedded"
import type { Decoder } from "@nightlight/patterns"

/** Half an escape at the end of an unfinished text cannot be decoded yet. */
const escapes: Decoder = (source, minAscii, isOpen) => {
  const decodings = unescapeText(source, minAscii)
  return isOpen ? { texts: textsBefore(decodings, source), openFrom: decodings.openFrom } : decodings
}

/** Decoders of escapes (HTML, JSON, percent, JavaScript), base64 and hexadecimal inside a text. */
export const DECODERS: readonly Decoder[] = [escapes, base64, hex]

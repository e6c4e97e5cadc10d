import { base64, hex, textsBefore, unescapeText } from "@nightlight/core/embedded"
import type { Decoder } from "@nightlight/patterns"

/** What half an escape at the end of an unfinished text becomes is not known yet. */
const escapes: Decoder = (source, minAscii, isOpen) => {
  const decodings = unescapeText(source, minAscii)
  return isOpen ? { texts: textsBefore(decodings, source), openFrom: decodings.openFrom } : decodings
}

/** Texts written in escapes (HTML, JSON, percent, JavaScript), base64 or hexadecimal inside a text. */
export const DECODERS: readonly Decoder[] = [escapes, base64, hex]

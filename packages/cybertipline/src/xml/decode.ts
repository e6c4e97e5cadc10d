/** Bytes in which an XML declaration ends, if there is one. */
const DECLARATION_BYTES = 200

/**
 * Reads the bytes of an XML document as text, in the encoding that its declaration names; in UTF-8 where it names none,
 * or one that is not known. Recorded answers of the service declare ISO-8859-1.
 */
export function decodeXml(bytes: Uint8Array): string {
  return decoderOf(bytes).decode(bytes)
}

function decoderOf(bytes: Uint8Array): InstanceType<typeof TextDecoder> {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, DECLARATION_BYTES))
  const label = /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(start)?.[1]
  // A declaration that can be read as single bytes is not in UTF-16, whatever it says.
  if (label === undefined || /^(?:utf-?16|ucs|iso-10646)/i.test(label)) return new TextDecoder()
  try {
    return new TextDecoder(label)
  } catch {
    return new TextDecoder()
  }
}

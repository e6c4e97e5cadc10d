/**
 * Reads the first line of a stream of text or bytes, without its end; all of the text where it has no other line.
 *
 * @param mostChars - characters after which no more is read; what was read until then is returned.
 */
export async function readFirstLine(chunks: AsyncIterable<unknown>, mostChars: number): Promise<string> {
  let text = ""
  for await (const chunk of chunks) {
    text += String(chunk)
    if (text.includes("\n") || text.length > mostChars) break
  }
  return firstLineOf(text)
}

/** The first line of a text, without its end. */
export function firstLineOf(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? ""
}

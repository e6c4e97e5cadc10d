/**
 * A test of a cell's text: whether there can be more to it than words.
 *
 * The module for columns asks first. It lets a text pass that has no part of the beginning of a picture, drawing or
 * document in any code (`GIF8`, `JFIF`, `WEBP`, `IHDR`, `ftyp`, `svg`, `xpm`, `bits`, `%pdf`, `%!`, `<!`, `<?`, `begin`;
 * `/9j/`, `iVBO`, `R0lG`, `UklG`, `ffd8ff`, `8950`, `4749`, `5249`, `;base64,`, with spaces between them), few escapes of
 * bytes, and no run of a code's letters that is long enough without a known beginning.
 * @module
 */
import { TextSearch } from "@nightlight/core"
import { mayHoldPictures } from "@nightlight/core/embedded"

/** Whether a text may hold a picture, a drawing or a document in any code, so that all of its row must be looked at. */
export function mayHoldMore(bytes: Uint8Array, start: number, length: number): boolean {
  const text = textOf(bytes, start, length)
  if (text.includes("\ufffd") || CONTROLS.test(text)) return true
  if (mayHoldPictures(text)) return true
  const search = new TextSearch()
  search.push(text)
  const { kind } = search.conclude({ mediaType: "application/json", kind: "text" })
  return kind !== "text" || DRAWING.test(text)
}

/** The text of bytes in UTF-8. */
export function textOf(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("utf8")
}

/** Parts of drawings and documents that only count together with others, which may be in another cell. */
const DRAWING = /data:|svg|%pdf-|_bits|xpm|binhex|\\pict|<!entity|xml-stylesheet|startxref|%%eof/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffe\uffff]/

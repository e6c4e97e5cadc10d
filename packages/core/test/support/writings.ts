/**
 * Ways in which programs write a text within another one.
 * @module
 */
import fc from "fast-check"

/** Writes a text so that a suitable reader gets it back. */
export type Writing = (text: string) => string

const base64 = (text: string) => Buffer.from(text).toString("base64")
const each = (
  text: string,
  write: (unit: number) => string,
  isWritten: (character: string, offset: number) => boolean,
) =>
  Array.from({ length: text.length }, (_, index) =>
    isWritten(text[index] as string, index) ? write(text.charCodeAt(index)) : (text[index] as string),
  ).join("")
const hex = (unit: number, width: number) => unit.toString(16).padStart(width, "0")
const isSpecial = (character: string, offset: number) => !/[\w ]/.test(character) || offset % 7 === 0

/** Escapes, which change characters but keep the kind of text. */
export const ESCAPES: Readonly<Record<string, Writing>> = {
  JSON: (text) => JSON.stringify(text),
  "JSON with its slashes escaped": (text) => JSON.stringify(text).replaceAll("/", "\\/"),
  percent: (text) => encodeURIComponent(text),
  "HTML decimal": (text) => each(text, (unit) => `&#${unit};`, isSpecial),
  "HTML hexadecimal": (text) => each(text, (unit) => `&#x${hex(unit, 9)};`, isSpecial),
  "JavaScript bytes": (text) => each(text, (unit) => `\\x${hex(unit, 2)}`, isSpecial),
  "JavaScript units": (text) => each(text, (unit) => `\\u${hex(unit, 4)}`, isSpecial),
  "JavaScript points": (text) => each(text, (unit) => `\\u{${hex(unit, 3)}}`, isSpecial),
  Python: (text) => each(text, (unit) => `\\U${hex(unit, 8)}`, isSpecial),
}

/** Codes around a whole document. */
export const CODES: Readonly<Record<string, Writing>> = {
  "a page in base64": (text) => `data:text/html;base64,${base64(`<p>some words before it</p>${text}<p>more</p>`)}`,
  "JSON in base64": (text) => base64(JSON.stringify({ note: "some words before it", text })),
  hexadecimal: (text) => Buffer.from(`some words before it: ${text} `).toString("hex"),
}

/** Names of nested writings, innermost first, up to these numbers. */
export function nestings(maxEscapes: number, maxCodes: number): fc.Arbitrary<readonly string[]> {
  return fc
    .tuple(
      fc.array(fc.constantFrom(...Object.keys(ESCAPES)), { maxLength: maxEscapes }),
      fc.array(fc.constantFrom(...Object.keys(CODES)), { maxLength: maxCodes }),
      fc.nat(),
    )
    .map(([escapes, codes, seed]) => {
      const offset = seed % (escapes.length + 1)
      return [...escapes.slice(0, offset), ...codes, ...escapes.slice(offset)]
    })
}

/** Writes a text in these ways, nested. */
export function written(text: string, names: readonly string[]): string {
  return names.reduce((inner, name) => (ESCAPES[name] ?? CODES[name] ?? String)(inner), text)
}

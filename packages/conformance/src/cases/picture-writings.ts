/**
 * Ways to write a picture within a text that some client decodes and shows.
 *
 * They sample this rule: whatever decodes to bytes that begin like a picture is a picture, whatever type it claims.
 * @module
 */
import type { Planted } from "../case/case.ts"
import { base64Of, bystander, dataUrlOf } from "../case/markers.ts"

/** Writes the picture at the end of the returned text. */
export type WritePicture = (planted: Planted) => string

const percent = (bytes: Uint8Array) =>
  [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("")
const inBase64 = (text: string) => Buffer.from(text).toString("base64")
const hexOf = ({ picture }: Planted) => Buffer.from(picture).toString("hex")
const svgAround = (planted: Planted) =>
  `<svg xmlns="http://www.w3.org/2000/svg"><image href="${dataUrlOf(planted)}"/></svg>`

/** Writers by their name in case ids. */
export const WRITTEN_PICTURES: Readonly<Record<string, WritePicture>> = {
  "data url": (planted) => `see ${dataUrlOf(planted)}`,
  "data url in capitals": (planted) => `see DATA:IMAGE/PNG;BASE64,${base64Of(planted)}`,
  "behind another picture": (planted) => `${dataUrlOf(bystander())}\n${dataUrlOf(planted)}`,
  "right behind another picture": (planted) => `${dataUrlOf(bystander())}${dataUrlOf(planted)}`,
  "slash escaped": (planted) => dataUrlOf(planted).replaceAll("/", "\\/"),
  "json within the text": (planted) => JSON.stringify({ note: JSON.stringify({ picture: dataUrlOf(planted) }) }),
  "unicode escapes": (planted) => `data\\u003aimage\\u002fpng\\u003bbase64\\u002c${base64Of(planted)}`,
  "javascript escapes": (planted) => `data\\x3aimage\\x2fpng\\u{3b}base64,${base64Of(planted)}`,
  "no type": (planted) => `data:;base64,${base64Of(planted)}`,
  "type of any bytes": (planted) => `data:application/octet-stream;base64,${base64Of(planted)}`,
  "type of a text": (planted) => `data:text/plain;base64,${base64Of(planted)}`,
  "type of another picture": (planted) => `data:image/webp;base64,${base64Of(planted)}`,
  "parameters and a space": (planted) => `data:image/png;name=a.png;charset=utf-8; base64,${base64Of(planted)}`,
  "percent bytes": ({ picture }) => `data:image/png,${percent(picture)}`,
  "percent base64": (planted) => `data:image/png;base64,${encodeURIComponent(base64Of(planted))}`,
  "percent url": (planted) => encodeURIComponent(dataUrlOf(planted)),
  "html number": (planted) => `data&#58;image&#x2F;png;base64,${base64Of(planted)}`,
  "long html number": (planted) => `data&#x000000003a;image&#0000000047;png;base64,${base64Of(planted)}`,
  "html name": (planted) => `data&colon;image&sol;png&semi;base64&comma;${base64Of(planted)}`,
  "html in a data url": (planted) => `data:text/html;base64,${inBase64(`<p>a</p><img src="${dataUrlOf(planted)}">`)}`,
  "svg in a data url": (planted) => `data:image/svg+xml;base64,${inBase64(svgAround(planted))}`,
  "percent svg": (planted) => `data:image/svg+xml,${encodeURIComponent(svgAround(planted))}`,
  "svg as it is": svgAround,
  "json in a data url": (planted) =>
    `data:application/json;base64,${inBase64(JSON.stringify({ a: dataUrlOf(planted) }))}`,
  "bare base64": (planted) => `here: ${base64Of(planted)}`,
  "bare base64 in lines": (planted) => `here:\n${base64Of(planted).replace(/.{76}/g, "$&\n")}`,
  "bare base64 of urls": (planted) => `here: ${base64Of(planted).replaceAll("+", "-").replaceAll("/", "_")}`,
  "field of json": (planted) => JSON.stringify({ data: [{ b64_json: base64Of(planted) }] }),
  hexadecimal: (planted) => `here: ${hexOf(planted)}`,
  markdown: (planted) => `![a lantern](${dataUrlOf(planted)})`,
}

const TRACE_FROM_END = 220
const TRACE_CHARS = 80

/** A piece of the written text from within the picture. */
export function traceOf(written: string): readonly string[] {
  return [written.slice(-TRACE_FROM_END).slice(0, TRACE_CHARS)]
}

/**
 * Text, and formats that are written as text but are pictures or programs.
 * @module
 */
import { PORTABLE_ANYMAP } from "./media-signatures.ts"
import type { SniffedMedia } from "./sniffed-media.ts"
import { TextSearch } from "./text-search.ts"

/** Type of a text, or `undefined` where the head is not text. A `TextSearch` examines the text after the head. */
export function textType(head: Uint8Array, sizeBytes: number): SniffedMedia | undefined {
  const text = decodeText(head, head.length < sizeBytes)
  if (text === undefined) return undefined
  const isCut = head.length < sizeBytes
  const search = new TextSearch()
  search.push(text)
  return search.conclude(typeByBeginning(text), isCut)
}

/** A portable anymap whose size is still to come after comments. */
const ANYMAP_BEGINS = /^P[1-7](?:\s|#[^\n]*(?:\n|$))*$/

function typeByBeginning(text: string): SniffedMedia {
  const start = text.trimStart()
  if (PORTABLE_ANYMAP.test(text) || (ANYMAP_BEGINS.test(text) && text.includes("#"))) {
    return { mediaType: "image/x-portable-anymap", kind: "opaque" }
  }
  if (start.startsWith("/* XPM */")) return { mediaType: "image/x-xpixmap", kind: "opaque" }
  if (/^\s*#define\s+\S+_width\s+\d/m.test(text.slice(0, 1024))) return { mediaType: "image/x-xbitmap", kind: "opaque" }
  if (text.startsWith("SIMPLE  =")) return { mediaType: "image/fits", kind: "opaque" }
  if (text.startsWith("#?RADIANCE") || text.startsWith("#?RGBE"))
    return { mediaType: "image/vnd.radiance", kind: "opaque" }
  if (start.startsWith("%!") || PRINTER_JOBS.some((job) => start.startsWith(job)))
    return { mediaType: "application/postscript", kind: "opaque" }
  if (/%PDF-\d/.test(text.slice(0, 1024))) return { mediaType: "application/pdf", kind: "opaque" }
  if (start.startsWith("{\\rt")) return { mediaType: "application/rtf", kind: "opaque" }
  if (/^(<!doctype html|<html)/i.test(start)) return { mediaType: "text/html", kind: "text" }
  if (start.startsWith("<?xml")) return { mediaType: "application/xml", kind: "text" }
  if (/^[[{]/.test(start)) return { mediaType: "application/json", kind: "text" }
  return { mediaType: "text/plain", kind: "text" }
}

/** Beginnings of printer jobs in any language: PJL, and PCL's reset. */
const PRINTER_JOBS: readonly string[] = ["\u001b%-12345X", "\u001bE"]

/** The text of valid UTF-8, or of UTF-16 with a byte order mark, without control characters; otherwise `undefined`. */
function decodeText(head: Uint8Array, isCut: boolean): string | undefined {
  const encoding =
    head[0] === 0xff && head[1] === 0xfe ? "utf-16le" : head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : "utf-8"
  let text: string
  try {
    // `stream` tolerates a character that is cut off at the end.
    text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: isCut })
  } catch {
    return undefined
  }
  return hasControlCharacters(text) ? undefined : text
}

/** Whether a text contains control characters other than tab, line ends, form feed and escape, or U+FFFE or U+FFFF. */
export function hasControlCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 ? !(code >= 0x09 && code <= 0x0d) && code !== 0x1b : code === 0x7f || code >= 0xfffe) return true
  }
  return false
}

/**
 * Text, and the formats that are written as text but are pictures or programs.
 * @module
 */
import { PORTABLE_ANYMAP } from "./media-signatures.ts"
import type { SniffedMedia } from "./media-type.ts"

/** Type of a text, or `undefined` where the head is not text. */
export function textType(head: Uint8Array, sizeBytes: number): SniffedMedia | undefined {
  const text = decodeText(head, head.length < sizeBytes)
  if (text === undefined) return undefined
  const start = text.trimStart()
  if (isSvg(start)) return { mediaType: "image/svg+xml", kind: "opaque" }
  if (PORTABLE_ANYMAP.test(text.slice(0, 1024))) return { mediaType: "image/x-portable-anymap", kind: "opaque" }
  if (start.startsWith("/* XPM */")) return { mediaType: "image/x-xpixmap", kind: "opaque" }
  if (/^\s*#define\s+\S+_width\s+\d/m.test(text.slice(0, 1024))) return { mediaType: "image/x-xbitmap", kind: "opaque" }
  if (text.startsWith("SIMPLE  =")) return { mediaType: "image/fits", kind: "opaque" }
  if (text.startsWith("#?RADIANCE") || text.startsWith("#?RGBE"))
    return { mediaType: "image/vnd.radiance", kind: "opaque" }
  if (start.startsWith("%!PS")) return { mediaType: "application/postscript", kind: "opaque" }
  if (/^%PDF-/m.test(text.slice(0, 1024))) return { mediaType: "application/pdf", kind: "opaque" }
  if (/^(<!doctype html|<html)/i.test(start)) return { mediaType: "text/html", kind: "text" }
  if (start.startsWith("<?xml")) return { mediaType: "application/xml", kind: "text" }
  if (/^[[{]/.test(start)) return { mediaType: "application/json", kind: "text" }
  return { mediaType: "text/plain", kind: "text" }
}

/** Text of valid UTF-8, or of UTF-16 with a byte order mark, without control characters; else `undefined`. */
function decodeText(head: Uint8Array, isCut: boolean): string | undefined {
  const encoding =
    head[0] === 0xff && head[1] === 0xfe ? "utf-16le" : head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : "utf-8"
  let text: string
  try {
    // `stream` lets a character that the cut went through pass.
    text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: isCut })
  } catch {
    return undefined
  }
  return hasControlCharacters(text) ? undefined : text
}

/** Whether a text holds controls other than tab, line ends, form feed and escape, or U+FFFE or U+FFFF. */
export function hasControlCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 ? !(code >= 0x09 && code <= 0x0d) && code !== 0x1b : code === 0x7f || code >= 0xfffe) return true
  }
  return false
}

/** Whether the root element is `svg`, behind any prolog, comments and document type, or its namespace is declared. */
function isSvg(start: string): boolean {
  if (!start.startsWith("<")) return false
  if (
    /xmlns(:[\w.-]+)?\s*=\s*["']http:\/\/www\.w3\.org\/2000\/svg["']/i.test(start) &&
    !/^<(!doctype html|html)/i.test(start)
  )
    return true
  let rest = start
  for (;;) {
    const skipped = skipMisc(rest)
    if (skipped === rest) break
    rest = skipped
  }
  return /^<([\w.-]+:)?svg[\s/>]/i.test(rest)
}

/** Drops one processing instruction, comment or document type, if one comes first. */
function skipMisc(text: string): string {
  const end = text.startsWith("<?")
    ? after(text, "?>")
    : text.startsWith("<!--")
      ? after(text, "-->")
      : /^<!doctype/i.test(text)
        ? endOfDoctype(text)
        : 0
  return end === 0 ? text : text.slice(end).trimStart()
}

function endOfDoctype(text: string): number {
  const close = text.indexOf(">")
  const subset = text.indexOf("[")
  return subset !== -1 && subset < close ? after(text, "]", ">") : close + 1
}

function after(text: string, ...marks: readonly string[]): number {
  let at = 0
  for (const mark of marks) {
    const found = text.indexOf(mark, at)
    if (found === -1) return 0
    at = found + mark.length
  }
  return at
}

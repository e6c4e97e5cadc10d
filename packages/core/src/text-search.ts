/**
 * Searches a whole text for a drawing, a document or an old picture format anywhere in it.
 * @module
 */
import type { SniffedMedia } from "./sniffed-media.ts"

/** Overlap between chunks, so that a tag across two chunks is seen. */
const OVERLAP_CHARS = 1_024

const ESCAPE = "\u001b"

/** Characters that decide how a text begins. */
const START_CHARS = 4_096

/** A first test for anything that needs a closer look. */
const SUSPECT = /svg|%pdf-\d|%!ps-|\u0090|<!entity|xml-stylesheet|\bbits\b|_bits|xpm|^begin \d|binhex|\\pict/im

const SVG_NAME = /(?:[<:]|%3c|%3a)svg(?=[\s/>]|%[02]|%3e)/gi
const NO_NAME = /[\s<>"'=/]/
const SHAPE_NAME =
  /(?:[<:]|%3c|%3a)(?:path|image|rect|circle|ellipse|line|polyline|polygon|text|use|foreignobject|g|symbol|pattern|mask|feimage)(?=[\s/>]|%[02])/i
const SVG_NAMESPACE = "www.w3.org/2000/svg"

/** A namespace, like any attribute value, may be written in character references. */
const REFERENCE_IN_NAMESPACE = /xmlns[^=<>]{0,200}=\s*["'][^"'<>]{0,200}&/i
const SVG_URL = /data:image\/svg\+xml[^,]{0,200},(?=[^\s"')]{16})/i

/** Constructs that generate markup: entities, and style sheets, which may be programs. */
const MADE_MARKUP = /<!entity|<\?xml-stylesheet/i
const ELEMENT = /<[a-z_:\u00c0-\u{10ffff}]/iu
const PDF_BEGINS = /%PDF-\d/
const PDF_ENDS = /startxref|%%EOF/
const X_BITMAP = /\bchar\s+\S*bits\s*\[/
const X_PIXMAP = /\/\* XPM \*\/|! XPM2/
const UUENCODED = /^begin [0-7]{3,4} \S.*\r?\nM[ -`]{45}/m
const BINHEX = /must be converted with BinHex/i
const RTF_PICTURE = /\\pict\b/

/** Pictures for terminals: Sixel, kitty's and iTerm2's formats. */
const TERMINAL_PICTURE = new RegExp(`${ESCAPE}(?:[P_X^]|\\]1337)|\u0090[0-9;]*q`)

/** A program that draws a page, after lines that PostScript readers skip. */
const POSTSCRIPT = /^%!PS-Adobe-\d/m

/** Features that can be found in a text. */
const FEATURES = [
  "svgTag",
  "shapeInSvg",
  "svgNamespace",
  "svgUrl",
  "madeMarkup",
  "element",
  "pdf",
  "wholePdf",
  "bitmap",
  "encodedFile",
  "terminalPicture",
  "postscript",
] as const
type Feature = (typeof FEATURES)[number]

/** Searches a text from its first to its last character, in chunks of any size. */
export class TextSearch {
  readonly #found = new Set<Feature>()
  #before = ""
  /** The first characters after white space. */
  #start = ""

  /** Adds the next chunk. */
  push(piece: string): void {
    if (piece === "") return
    const text = this.#before + piece
    // Skip any amount of leading white space.
    if (this.#start.length < START_CHARS) this.#start = (this.#start + piece).trimStart().slice(0, START_CHARS)
    if (!this.#found.has("element") && ELEMENT.test(text)) this.#found.add("element")
    if (SUSPECT.test(text) || text.includes(ESCAPE) || this.#found.has("svgTag") || this.#found.has("pdf"))
      this.search(text)
    this.#before = text.slice(-OVERLAP_CHARS)
  }

  /**
   * The type of a text after all of it was pushed.
   *
   * @param media - type by its first characters.
   * @param isCut - whether the rest of the text was not pushed.
   */
  conclude(media: SniffedMedia, isCut = false): SniffedMedia {
    const has = (feature: Feature) => this.#found.has(feature)
    if (media.kind !== "text") return media
    const beginning = beginningOf(this.#start)
    const isXml = beginning === "markup" || beginning === "prolog"
    if (isXml && (has("svgTag") || has("svgNamespace"))) return { mediaType: "image/svg+xml", kind: "opaque" }
    if (has("wholePdf")) return { mediaType: "application/pdf", kind: "opaque" }
    if (has("postscript")) return { mediaType: "application/postscript", kind: "opaque" }
    if (has("bitmap")) return { mediaType: "image/x-xbitmap", kind: "opaque" }
    if (has("terminalPicture") || has("encodedFile")) return UNKNOWN
    if (beginning === "prolog" && !has("element") && !isCut) return UNKNOWN
    const isDrawing = has("shapeInSvg") || has("svgUrl") || (has("madeMarkup") && beginning !== "other")
    return isDrawing ? { ...media, kind: "opaque" } : media
  }

  search(text: string): void {
    const svg = this.#found.has("svgTag") ? 0 : svgTagIn(text)
    if (svg !== -1) {
      this.#found.add("svgTag")
      if (SHAPE_NAME.test(text.slice(svg))) this.#found.add("shapeInSvg")
    }
    if (text.includes(SVG_NAMESPACE) || REFERENCE_IN_NAMESPACE.test(text)) this.#found.add("svgNamespace")
    if (SVG_URL.test(text)) this.#found.add("svgUrl")
    if (MADE_MARKUP.test(text)) this.#found.add("madeMarkup")
    const pdf = this.#found.has("pdf") ? 0 : text.search(PDF_BEGINS)
    if (pdf !== -1) {
      this.#found.add("pdf")
      if (PDF_ENDS.test(text.slice(pdf))) this.#found.add("wholePdf")
    }
    if (X_BITMAP.test(text) || X_PIXMAP.test(text)) this.#found.add("bitmap")
    if (UUENCODED.test(text) || BINHEX.test(text) || RTF_PICTURE.test(text)) this.#found.add("encodedFile")
    if (TERMINAL_PICTURE.test(text)) this.#found.add("terminalPicture")
    if (POSTSCRIPT.test(text)) this.#found.add("postscript")
  }
}

const UNKNOWN: SniffedMedia = { mediaType: "application/octet-stream", kind: "unknown" }

/** Position of a tag named `svg` with any prefix, or -1. */
function svgTagIn(text: string): number {
  for (const { 0: name, index } of text.matchAll(SVG_NAME)) {
    if (name.startsWith("<") || name.startsWith("%3")) return index
    const before = text.slice(Math.max(0, index - OVERLAP_CHARS), index)
    const tag = before.lastIndexOf("<")
    const isLong = tag === -1 && before.length === OVERLAP_CHARS
    if ((tag !== -1 || isLong) && !NO_NAME.test(before.slice(tag + 1))) return index
  }
  return -1
}

const COMMENTS = /^(?:<!--[\s\S]*?-->|<\?[\s\S]*?\?>|\s+)+/

/** The beginning of a text: markup before any element, HTML, another element, or anything else. */
function beginningOf(start: string): "prolog" | "html" | "markup" | "other" {
  if (/^(?:<!doctype html|<html)[\s>]/i.test(start.replace(COMMENTS, ""))) return "html"
  if (/^<[!?]/.test(start)) return "prolog"
  return /^<[a-z_:\u00c0-\u{10ffff}]/iu.test(start) ? "markup" : "other"
}

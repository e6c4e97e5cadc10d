import type { Budget } from "./budget.ts"
import {
  hasShortSignature,
  hasSignature,
  MIN_UNTOLD_BYTES,
  mayBecomePicture,
  SIGNATURE_BYTES,
  SIGNATURE_STEPS,
} from "./first-bytes.ts"
import { beginsAsIcon, hasIconEntry } from "./icon-entries.ts"
import { pictureAt } from "./picture-head.ts"
import type { PictureSink, PictureView } from "./picture-view.ts"

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: pictures contain control characters
/** Every picture has a zero or another control character in its first bytes, or begins like JPEG XL; few texts do. */
const BYTES = /[\0-\x08\x0e-\x1a\x1c-\x1f\x80-\x9f]/
const SHORT = "\xff\x0a"
const FIRST =
  /\xff\xd8\xff|\x89PNG|GIF8[79]a|RIFF[\s\S]{4}WEBP|II(?:[*+]\0|\xbc)|MM\0[*+]|\0\0[\s\S]{2}ftyp|\0\0\0\x0c(?:JXL |jP {2})|BM[\s\S]{4}\0\0\0\0|\0\0[\x01\x02]\0|\xff\x0a|8BPS\0/g
/** A beginning of one of these at the very end. */
const OPEN =
  /(?:\xff(?:\xd8)?|\x89(?:PN?)?|G(?:IF?|IF8[79]?)?|R(?:IF?|IFF[\s\S]{0,7})?|I(?:I[*+]?)?|M(?:M\0?)?|B(?:M[\s\S]{0,7})?|\0[\s\S]{0,10}|8(?:BP?|BPS)?)$/
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

/**
 * Finds pictures as byte strings: each character from U+0000 to U+00FF is one byte, as in `b'\x89PNG'` after
 * unescaping.
 */
export function binaryPictures(view: PictureView, sink: PictureSink): void {
  const { text } = view
  if (view.reachesEnd) {
    const tail = Math.max(0, text.length - 12)
    const open = OPEN.exec(text.slice(tail))
    if (open !== null) sink.open(view.positionOf(tail + open.index))
  }
  if (!BYTES.test(text) && !text.includes(SHORT)) return
  FIRST.lastIndex = 0
  let to = 0
  for (let match = FIRST.exec(text); match !== null; match = FIRST.exec(text)) {
    if (sink.budget.steps < 0) return
    const from = match.index
    if (sink.isWithinBytes(view.positionOf(from))) continue
    if (from >= to) to = endOfBytes(text, from)
    FIRST.lastIndex = Math.max(from + 1, readPicture(view, { from, to }, sink))
  }
}

/** A stretch of characters that are bytes. */
interface Stretch {
  readonly from: number
  readonly to: number
}

/** @returns the end of the picture; 0 where there is none or its end is unknown. */
function readPicture(view: PictureView, { from, to }: Stretch, sink: PictureSink): number {
  const { text } = view
  const sizeBytes = to - from
  const head = bytesOf(text, from, Math.min(to, from + SIGNATURE_BYTES))
  sink.budget.steps -= SIGNATURE_STEPS
  const isShort = hasShortSignature(head)
  if (isShort && !beginsString(text, from)) return 0
  const isBeginning = isShort
    ? isCode(text, { from, to })
    : hasSignature(head) && !isNoIcon(text, { from, to }, head, sink.budget)
  const bytes = isBeginning ? bytesOf(text, from, to) : head
  if (bytes !== head) sink.budget.steps -= sizeBytes
  const mayGoOn = view.reachesEnd && to === text.length
  const picture = isBeginning ? pictureAt(bytes, sink.budget) : undefined
  if (picture === undefined) {
    const mayBecome = isShort ? sizeBytes < MIN_UNTOLD_BYTES : mayBecomePicture(bytes, sizeBytes)
    if (mayGoOn && mayBecome) sink.open(view.positionOf(from))
    return 0
  }
  const { mediaType, shows, end } = picture
  const isOpen = mayGoOn && (end === undefined || end === bytes.length)
  if (isOpen) sink.open(view.positionOf(from))
  sink.found({
    bytes: end === undefined ? bytes : bytes.subarray(0, end),
    mediaType,
    position: view.positionOf(from),
    end: view.positionOf(from + (end ?? bytes.length)),
    shows,
    isWhole: end !== undefined,
    reachesEnd: isOpen,
    isBytes: true,
  })
  return end === undefined ? 0 : from + end
}

/** Whether a string, the data of a `data:` URL or the whole text begins here. */
function beginsString(text: string, from: number): boolean {
  return from === 0 || BEFORE_STRING.test(text.slice(Math.max(0, from - MAX_LABEL_CHARS), from))
}

const BEFORE_STRING = /(?:["'`]|\bdata:[^,\s"'<>]{0,128},\s{0,16})$/i
const MAX_LABEL_CHARS = 160

/**
 * Whether bytes with a signature of only two bytes are not text: half of a picture's bytes are outside ASCII, whereas
 * escapes in a tutorial, such as `%FF` at the end of a line, are followed by words.
 */
function isCode(text: string, { from, to }: Stretch): boolean {
  if (to - from < MIN_UNTOLD_BYTES) return false
  let others = 0
  for (let k = from; k < from + MIN_UNTOLD_BYTES; k++) if (text.charCodeAt(k) >= 0x80) others++
  return others >= MIN_UNTOLD_BYTES / 8
}

/** Most zeros do not begin an icon; this is decided without reading all following bytes. */
function isNoIcon(text: string, { from, to }: Stretch, head: Uint8Array, budget: Budget): boolean {
  if (!beginsAsIcon(head)) return false
  return !hasIconEntry({ byteAt: (offset) => text.charCodeAt(from + offset), sizeBytes: to - from }, budget)
}

function endOfBytes(text: string, from: number): number {
  let to = from
  while (to < text.length && text.charCodeAt(to) < 0x100) to++
  return to
}

function bytesOf(text: string, from: number, to: number): Uint8Array {
  return Uint8Array.from({ length: to - from }, (_, k) => text.charCodeAt(from + k))
}

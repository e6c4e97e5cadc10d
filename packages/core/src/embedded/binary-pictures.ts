import { hasSignature, mayBecomePicture, SIGNATURE_BYTES } from "./first-bytes.ts"
import { pictureAt } from "./picture-head.ts"
import type { PictureSink, PictureView } from "./pictures-in-text.ts"

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: pictures are full of them
/** Every picture has a zero or another control character in its first bytes; few texts do. */
const BYTES = /[\0-\x08\x0e-\x1a\x1c-\x1f\x80-\x9f]/
const FIRST =
  /\xff\xd8\xff|\x89PNG|GIF8[79]a|RIFF[\s\S]{4}WEBP|II(?:[*+]\0|\xbc)|MM\0[*+]|\0\0[\s\S]{2}ftyp|\0\0\0\x0c(?:JXL |jP {2})|BM[\s\S]{4}\0\0\0\0|\0\0[\x01\x02]\0|\xff\x0a|8BPS\0/g
/** The first of these at the very end. */
const OPEN =
  /(?:\xff(?:\xd8)?|\x89(?:PN?)?|G(?:IF?|IF8[79]?)?|R(?:IF?|IFF[\s\S]{0,7})?|I(?:I[*+]?)?|M(?:M\0?)?|B(?:M[\s\S]{0,7})?|\0[\s\S]{0,10}|8(?:BP?|BPS)?)$/
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above

/** Pictures as strings of bytes: each character from U+0000 to U+00FF is one, as in `b'\x89PNG'` once that is undone. */
export function binaryPictures(view: PictureView, sink: PictureSink): void {
  const { text } = view
  if (view.reachesEnd) {
    const tail = Math.max(0, text.length - 12)
    const open = OPEN.exec(text.slice(tail))
    if (open !== null) sink.open(view.at(tail + open.index))
  }
  if (!BYTES.test(text)) return
  FIRST.lastIndex = 0
  for (let match = FIRST.exec(text); match !== null; match = FIRST.exec(text)) {
    if (sink.budget.steps < 0) return
    if (sink.isWithinBytes(view.at(match.index))) continue
    FIRST.lastIndex = Math.max(match.index + 1, readPicture(view, match.index, sink))
  }
}

/** @returns where it ends; 0 where none is, or its end is unknown. */
function readPicture(view: PictureView, from: number, sink: PictureSink): number {
  const bytes = bytesOf(view.text, from)
  sink.budget.steps -= bytes.length
  const mayGoOn = view.reachesEnd && from + bytes.length === view.text.length
  const isBeginning = hasSignature(bytes.subarray(0, SIGNATURE_BYTES))
  const picture = isBeginning ? pictureAt(bytes, sink.budget) : undefined
  if (picture === undefined) {
    if (mayGoOn && mayBecomePicture(bytes, bytes.length)) sink.open(view.at(from))
    return 0
  }
  const { mediaType, shows, end } = picture
  const isOpen = mayGoOn && (end === undefined || end === bytes.length)
  if (isOpen) sink.open(view.at(from))
  sink.found({
    bytes: end === undefined ? bytes : bytes.subarray(0, end),
    mediaType,
    at: view.at(from),
    end: view.at(from + (end ?? bytes.length)),
    shows,
    isWhole: end !== undefined,
    reachesEnd: isOpen,
    isBytes: true,
  })
  return end === undefined ? 0 : from + end
}

function bytesOf(text: string, from: number): Uint8Array {
  let to = from
  while (to < text.length && text.charCodeAt(to) < 0x100) to++
  return Uint8Array.from({ length: to - from }, (_, k) => text.charCodeAt(from + k))
}

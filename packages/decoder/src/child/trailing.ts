import { type InconclusiveCause, SNIFF_BYTES, sniffMedia } from "@nightlight/core"
import type { Pixels } from "./pixels.ts"
import type { Structure } from "./structure/structure.ts"
import { structureOf } from "./structure/structure-of.ts"

/** Content of a picture's file in addition to the picture. */
export interface Hidden {
  /** The picture's end is missing. */
  readonly isTruncated: boolean
  /** Its coded data, or that of a following picture, is broken. */
  readonly isBroken: boolean
  /** The file is also an archive or another file. */
  readonly isPolyglot: boolean
  /** Why a part of the file cannot be inspected. */
  readonly cause: InconclusiveCause | undefined
  /** Whole pictures of the same type after the first, as cameras write them; at most {@link MAX_FURTHER}. */
  readonly further: readonly Uint8Array[]
  /** Areas without pixels, including the bytes after the picture. */
  readonly areas: readonly Buffer[]
  /** Coded pixels that cannot be checked. */
  readonly coded: readonly Buffer[]
  /** The first picture's pixels, if they were asked for and the search made them. */
  readonly pixels: Pixels | undefined
}

/** Most consecutive pictures that a camera writes. */
export const MAX_FURTHER = 16

/** Shorter trailers contain no file. */
const LEAST_FILE_BYTES = 12

/**
 * Searches for data hidden after a picture or around it.
 *
 * @param maxPixels - pixels are made of a plain JPEG with at most as many.
 */
export function findHidden(bytes: Uint8Array, mediaType: string, maxPixels = 0): Hidden {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const first = structureOf(file, mediaType, maxPixels)
  const trailer = file.subarray(first.end ?? file.length)
  const { isPolyglot, further, rest } = behind(trailer, mediaType)
  const all: readonly Structure[] = [first, ...further.map(({ structure }) => structure)]
  return {
    isTruncated: first.end === undefined,
    isBroken: all.some(({ isBroken }) => isBroken) || further.some(({ structure }) => structure.end === undefined),
    isPolyglot: isPolyglot || endsAsZip(file),
    cause: all.find(({ cause }) => cause !== undefined)?.cause,
    further: further.map(({ picture }) => picture),
    areas: [...all.flatMap(({ areas }) => areas), ...(rest.length === 0 ? [] : [rest])],
    coded: all.flatMap(({ coded }) => coded),
    pixels: first.pixels,
  }
}

interface Behind {
  readonly isPolyglot: boolean
  readonly further: readonly { readonly picture: Buffer; readonly structure: Structure }[]
  /** Bytes after the last picture. */
  readonly rest: Buffer
}

/** Walks pictures of the same type; any other file in or as the trailer makes a polyglot. */
function behind(trailer: Buffer, mediaType: string): Behind {
  const further: { picture: Buffer; structure: Structure }[] = []
  let rest = withoutPadding(trailer)
  while (rest.length >= LEAST_FILE_BYTES) {
    const media = sniffMedia(rest.subarray(0, SNIFF_BYTES), rest.length)
    if (media.mediaType !== mediaType || mediaType !== "image/jpeg") {
      const isFile = media.kind !== "unknown" && media.kind !== "text"
      return { further, rest, isPolyglot: isFile || holdsFile(rest) }
    }
    if (further.length === MAX_FURTHER) return { further, rest, isPolyglot: true }
    const structure = structureOf(rest, mediaType)
    const end = structure.end ?? rest.length
    further.push({ picture: rest.subarray(0, end), structure })
    rest = withoutPadding(rest.subarray(end))
  }
  return { further, rest, isPolyglot: false }
}

function withoutPadding(bytes: Buffer): Buffer {
  let offset = 0
  while (offset < bytes.length && isPadding(bytes[offset] ?? 0)) offset++
  return bytes.subarray(offset)
}

function isPadding(byte: number): boolean {
  return byte === 0 || byte === 0x0a || byte === 0x0d || byte === 0x20
}

/** Beginnings of files that a trailer may contain anywhere. */
const BEGINNINGS: readonly Buffer[] = [
  "PK\x03\x04",
  "Rar!\x1a\x07",
  "7z\xbc\xaf\x27\x1c",
  "\xff\xd8\xff",
  "\x89PNG\r\n\x1a\n",
  "GIF8",
  "WEBPVP8",
  "ftyp",
  "%PDF-",
  "\x1a\x45\xdf\xa3",
  "\xfd7zXZ\0",
].map((text) => Buffer.from(text, "latin1"))

function holdsFile(trailer: Buffer): boolean {
  return BEGINNINGS.some((beginning) => trailer.includes(beginning))
}

const END_OF_DIRECTORY = Buffer.from("PK\x05\x06", "latin1")
const DIRECTORY_ENTRY = 0x02014b50
const END_OF_DIRECTORY_BYTES = 22
const MAX_COMMENT_BYTES = 0xffff

/** Whether a reader of zip files would find a directory with entries at the file's end (APPNOTE 4.3.16). */
function endsAsZip(file: Buffer): boolean {
  const tail = file.subarray(Math.max(0, file.length - END_OF_DIRECTORY_BYTES - MAX_COMMENT_BYTES))
  const before = file.length - tail.length
  for (
    let offset = tail.indexOf(END_OF_DIRECTORY);
    offset !== -1;
    offset = tail.indexOf(END_OF_DIRECTORY, offset + 1)
  ) {
    if (offset + END_OF_DIRECTORY_BYTES > tail.length) return false
    const directoryBytes = tail.readUInt32LE(offset + 12)
    if (directoryBytes === 0xffffffff) return true
    const directory = before + offset - directoryBytes
    if (directoryBytes >= 46 && directory >= 0 && file.readUInt32LE(directory) === DIRECTORY_ENTRY) return true
  }
  return false
}

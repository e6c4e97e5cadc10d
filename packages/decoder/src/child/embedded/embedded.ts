import { createHash } from "node:crypto"
import type { InconclusiveCause } from "@nightlight/core"
import { picturesInText } from "@nightlight/core/embedded"
import { structureOf } from "../structure/structure-of.ts"
import { isImage, readTiff, type TiffFile } from "../structure/tiff-file.ts"
import { firstOf } from "../structure/tiff-first.ts"
import { type Beginning, beginningsIn, hasJpegHeader } from "./beginnings.ts"
import { textsIn } from "./texts.ts"

/** A whole picture inside another picture's file. */
export interface EmbeddedPicture {
  readonly bytes: Buffer
  readonly mediaType: string
}

/** Pictures inside a file, and why not all of them can be inspected. */
export interface Embedded {
  readonly pictures: readonly EmbeddedPicture[]
  readonly cause: InconclusiveCause | undefined
}

/** Places to search, from a structure. */
export interface Places {
  readonly areas: readonly Buffer[]
  readonly coded: readonly Buffer[]
}

/** Most pictures in a file's metadata; more make it inconclusive. */
export const MAX_EMBEDDED = 32

/** Searches a file's other areas for pictures, plain or encoded, and coded pixels for plain pictures. */
export function embeddedIn({ areas, coded }: Places): Embedded {
  const candidates: Candidate[] = []
  let cause: InconclusiveCause | undefined
  const search = (area: Buffer, isMeant: (rest: Buffer, beginning: Beginning) => boolean) => {
    const beginnings = beginningsIn(area, MAX_EMBEDDED + 1)
    if (beginnings.length > MAX_EMBEDDED) cause ??= "frame_limit"
    let covered = 0
    for (const beginning of beginnings) {
      if (beginning.offset < covered) continue
      const rest = area.subarray(beginning.offset)
      if (!isMeant(rest, beginning)) continue
      if (!beginning.isRead) cause ??= "media_unsupported"
      else if (beginning.mediaType === "image/tiff") candidates.push(...picturesOfTiff(rest))
      else {
        const candidate = candidateOf(rest, beginning.mediaType)
        candidates.push(candidate)
        if (candidate.isWhole) covered = beginning.offset + candidate.bytes.length
      }
    }
  }
  for (const area of areas) {
    search(area, () => true)
    for (const text of textsIn(area)) {
      const { pictures, isTooMuch } = picturesInText(text)
      if (isTooMuch) cause ??= "frame_limit"
      for (const { bytes, shows } of pictures)
        if (shows) search(Buffer.from(bytes), ({ length }) => length === bytes.length)
    }
  }
  for (const data of coded) {
    search(data, (rest, { mediaType }) => (mediaType === "image/jpeg" ? hasJpegHeader(rest) : STRONG.has(mediaType)))
  }
  const pictures = distinct(candidates)
  if (pictures.length > MAX_EMBEDDED) cause ??= "frame_limit"
  return { pictures: pictures.slice(0, MAX_EMBEDDED), cause }
}

/** Types whose first bytes do not occur by accident. */
const STRONG = new Set(["image/png", "image/apng", "image/gif", "image/webp"])

interface Candidate extends EmbeddedPicture {
  /** Whether its end is present and nothing in it is broken. */
  readonly isWhole: boolean
}

function candidateOf(rest: Buffer, mediaType: string): Candidate {
  const { end, isBroken } = structureOf(rest, mediaType)
  return { bytes: rest.subarray(0, end), mediaType, isWhole: end !== undefined && !isBroken }
}

/** The pictures of a TIFF as separate files; EXIF is a TIFF that usually has none. */
function picturesOfTiff(rest: Buffer): Candidate[] {
  const tiff = tiffOf(rest)
  if (tiff === undefined) return []
  return tiff.directories
    .filter(isImage)
    .slice(0, MAX_EMBEDDED + 1)
    .map((directory) => ({ bytes: firstOf(tiff, directory), mediaType: "image/tiff", isWhole: true }))
}

function tiffOf(rest: Buffer): TiffFile | undefined {
  try {
    return readTiff(rest)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const HEAD_BYTES = 512

/**
 * Keeps one of the candidates with the same beginning: a whole one, otherwise the longest. The others are the same
 * picture, cut at the end of a segment.
 */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const best = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const isTiff = candidate.mediaType === "image/tiff"
    const head = isTiff ? candidate.bytes : candidate.bytes.subarray(0, HEAD_BYTES)
    const key = createHash("sha256").update(head).digest("hex")
    const other = best.get(key)
    if (other === undefined || isBetter(candidate, other)) best.set(key, candidate)
  }
  return [...best.values()]
}

function isBetter(one: Candidate, other: Candidate): boolean {
  return one.isWhole === other.isWhole ? one.bytes.length > other.bytes.length : one.isWhole
}

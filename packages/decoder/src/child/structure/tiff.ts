import type { InconclusiveCause } from "@nightlight/core"
import { cutStructure, type Structure } from "./structure.ts"
import { isImage, numbersOf, readTiff, type TiffDirectory, type TiffFile } from "./tiff-file.ts"
import { checkStrips } from "./tiff-strips.ts"

/** A range of a file; the end is excluded. */
interface Range {
  readonly start: number
  readonly end: number
}

/** Tags with offsets and lengths of coded pixels. */
const STRIPS = [
  [273, 279],
  [324, 325],
  [513, 514],
] as const

/** Tags with the position or coding of pixels. */
const NUMBERS = new Set([273, 279, 324, 325, 330, 347])

/** Most pictures whose strips are unpacked; with more, not all frames are inspected either. */
const MAX_CHECKED = 1000

/** Shorter values contain no picture. */
const LEAST_AREA_BYTES = 16

/**
 * Walks all parts of a TIFF. It ends after its last directory, value, strip or tile; bytes that none of them covers are
 * gaps.
 */
export function tiffStructure(file: Buffer): Structure {
  const tiff = readTiff(file)
  if (tiff === undefined || tiff.directories.length === 0) return cutStructure()
  const ranges: Range[] = [{ start: 0, end: tiff.isBig ? 16 : 8 }]
  const areas: Buffer[] = []
  let isBroken = false
  let left = MAX_CHECKED
  let cause: InconclusiveCause | undefined
  for (const directory of tiff.directories) {
    ranges.push(...rangesOf(tiff, directory))
    areas.push(...valuesOf(tiff, directory))
    if (!isImage(directory)) continue
    if (--left < 0) {
      cause ??= "frame_limit"
      continue
    }
    const check = checkStrips(tiff, directory)
    areas.push(...check.areas)
    isBroken ||= check.state === "broken"
    if (check.state === "unread") cause = "media_unsupported"
  }
  const end = ranges.reduce((most, range) => Math.max(most, range.end), 0)
  areas.push(...gapsIn(file.subarray(0, end), ranges))
  return { end: end > file.length || !tiff.isWhole ? undefined : end, isBroken, cause, areas, coded: [] }
}

function rangesOf(tiff: TiffFile, directory: TiffDirectory): Range[] {
  const values = [...directory.entries.values()]
    .filter(({ valueBytes }) => valueBytes > (tiff.isBig ? 8 : 4))
    .map(({ valueAt, valueBytes }) => ({ start: valueAt, end: valueAt + valueBytes }))
  const strips = STRIPS.flatMap(([placeTag, lengthTag]) => {
    const lengths = numbersOf(tiff, directory, lengthTag)
    return numbersOf(tiff, directory, placeTag).map((start, i) => ({ start, end: start + (lengths[i] ?? 0) }))
  })
  return [{ start: directory.offset, end: directory.end }, ...values, ...strips]
}

/** Values with arbitrary content, and whole JPEGs of an older form. */
function valuesOf(tiff: TiffFile, directory: TiffDirectory): Buffer[] {
  const values = [...directory.entries.values()]
    .filter(({ tag, valueBytes }) => !NUMBERS.has(tag) && valueBytes >= LEAST_AREA_BYTES)
    .map(({ valueAt, valueBytes }) => tiff.bytes.subarray(valueAt, valueAt + valueBytes))
  const [start] = numbersOf(tiff, directory, 513)
  const [length] = numbersOf(tiff, directory, 514)
  return start === undefined || length === undefined ? values : [...values, tiff.bytes.subarray(start, start + length)]
}

/** The gaps between ranges. */
function gapsIn(file: Buffer, ranges: readonly Range[]): Buffer[] {
  const gaps: Buffer[] = []
  let offset = 0
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start - offset >= LEAST_AREA_BYTES) gaps.push(file.subarray(offset, start))
    offset = Math.max(offset, end)
  }
  return gaps
}

/** One segment of a JPEG without its marker and length. */
export interface Segment {
  readonly marker: number
  readonly bytes: Buffer
}

/** Headers of segments that continue in the next one, and the header size of each part. */
const CHAINS: readonly { readonly marker: number; readonly begins: string; readonly headerBytes: number }[] = [
  // XMP specification, part 3, 1.1.3.1: a digest of 32 digits, the total length, the offset.
  { marker: 0xe1, begins: "http://ns.adobe.com/xmp/extension/\0", headerBytes: 35 + 32 + 8 },
  // ICC.1, annex B.4: number and count.
  { marker: 0xe2, begins: "ICC_PROFILE\0", headerBytes: 14 },
  // Exif 2.32, 4.7.3: version, kind, position in the list, offset.
  { marker: 0xe2, begins: "FPXR\0", headerBytes: 13 },
  { marker: 0xed, begins: "Photoshop 3.0\0", headerBytes: 14 },
]

/**
 * Joins the content of segments of one kind, because a picture may be split across several: without the known headers
 * or, for unknown ones, without the common beginning, and also unchanged.
 */
export function joinedSegments(segments: readonly Segment[]): Buffer[] {
  const groups = Map.groupBy(segments, ({ marker }) => marker)
  return [...groups].flatMap(([marker, group]) => {
    if (group.length < 2) return []
    const parts = group.map(({ bytes }) => bytes)
    const known = CHAINS.filter((chain) => chain.marker === marker).flatMap((chain) => {
      const own = parts.filter((part) => part.toString("latin1", 0, chain.begins.length) === chain.begins)
      return own.length < 2 ? [] : [Buffer.concat(own.map((part) => part.subarray(chain.headerBytes)))]
    })
    // ISO/IEC 19566-5, annex D: each part but the first repeats the box's header.
    const boxes = marker === 0xeb ? [Buffer.concat(parts.map((part, i) => part.subarray(i === 0 ? 8 : 16)))] : []
    return [...known, ...boxes, Buffer.concat(parts), ...withoutCommonStart(parts)]
  })
}

/** Longer beginnings are content. */
const MAX_HEADER_BYTES = 64

/** The parts without their common beginning; a counter of up to four bytes may follow it. */
function withoutCommonStart(parts: readonly Buffer[]): Buffer[] {
  const [first, ...others] = parts
  if (first === undefined) return []
  let common = 0
  while (common < MAX_HEADER_BYTES && common < first.length && others.every((part) => part[common] === first[common])) {
    common++
  }
  if (common === 0 || common === MAX_HEADER_BYTES) return []
  return [0, 1, 2, 4].map((counter) => Buffer.concat(parts.map((part) => part.subarray(common + counter))))
}

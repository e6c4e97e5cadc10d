import { type JpegWalk, walkJpeg } from "../jpeg-walk.ts"
import { joinedSegments } from "./jpeg-chains.ts"
import type { Structure } from "./structure.ts"

/** Walks a JPEG to its end, and makes its pixels if it is plain and has at most `maxPixels`. */
export function jpegStructure(file: Buffer, maxPixels: number): Structure {
  const walk = walkJpeg(file, { maxPixels })
  const segments = walk.segments.map(({ marker, start, end }) => ({ marker, bytes: file.subarray(start, end) }))
  return {
    end: endOf(walk, file),
    isBroken: walk.state === "broken",
    cause: walk.state === "other" ? "media_unsupported" : undefined,
    areas: [...segments.map(({ bytes }) => bytes), ...joinedSegments(segments)],
    coded: [],
    pixels: walk.pixels,
  }
}

function endOf({ state, end }: JpegWalk, file: Buffer): number | undefined {
  if (state === "whole") return end
  return state === "cut" ? undefined : endByMarkers(file)
}

const END_OF_IMAGE = Buffer.from([0xff, 0xd9])

/**
 * Finds the first end marker after the first scan's header, in a JPEG that cannot be walked. In coded data 0xFF is
 * always followed by zero or a restart marker, so only a table between two scans could contain a false end, which would
 * make the file look longer, never shorter.
 */
function endByMarkers(file: Buffer): number | undefined {
  let offset = 2
  while (offset + 4 <= file.length) {
    const marker = file[offset + 1] ?? 0
    if (file[offset] !== 0xff) offset = file.indexOf(0xff, offset)
    else if (marker === 0xff) offset += 1
    else if (marker === 0xd9) return offset + 2
    else if (marker === 0xda) {
      const end = file.indexOf(END_OF_IMAGE, offset + 2 + file.readUInt16BE(offset + 2))
      return end === -1 ? undefined : end + 2
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) offset += 2
    else offset += 2 + Math.max(2, file.readUInt16BE(offset + 2))
    if (offset === -1) return undefined
  }
  return undefined
}

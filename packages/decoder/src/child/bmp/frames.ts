import { apngFrames } from "../apng.ts"
import { decode } from "../decode.ts"
import type { FrameSource, FrameStep } from "../frame.ts"
import { FILE_HEADER_BYTES, readBitmap } from "./bitmap-file.ts"
import type { Dib } from "./dib-header.ts"
import { type DibPixels, dibPixels } from "./dib-pixels.ts"
import { iconPixels, readIconBitmap } from "./icon-bitmap.ts"
import { type IconEntry, readIcon } from "./icon-file.ts"

/** Decodes the picture of a bitmap's file. */
export function bitmapFrame({ bytes, limits }: FrameSource): FrameStep {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const bitmap = readBitmap(file)
  return frameOf(bitmap, limits.maxPixels, ({ dib, header, pixelsAt }) =>
    dibPixels(dib, header.subarray(0, pixelsAt - FILE_HEADER_BYTES), file.subarray(pixelsAt)),
  )
}

/** Yields every picture of an icon or a cursor. A picture outside the file or overlapping another is a failure. */
export async function* iconFrames(source: FrameSource): AsyncGenerator<FrameStep, void, void> {
  const { bytes } = source
  const { entries, refused } = readIcon(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  for (const entry of entries) yield* entryFrames(source, entry)
  if (refused > 0 || entries.length === 0) yield { kind: "failure", cause: "picture_undecodable" }
}

async function* entryFrames(source: FrameSource, { bytes, isPng }: IconEntry): AsyncGenerator<FrameStep, void, void> {
  const { maxPixels } = source.limits
  if (!isPng) return yield frameOf(readIconBitmap(bytes), maxPixels, iconPixels)
  if (bytes.includes("fdAT")) return yield* apngFrames({ ...source, bytes })
  const decoded = await decode(bytes, { failOn: "warning", limitInputPixels: maxPixels })
  yield typeof decoded === "string" ? { kind: "failure", cause: decoded } : { kind: "frame", ...decoded }
}

function frameOf<Read extends { readonly dib: Dib }>(
  read: Read | "other" | "broken",
  maxPixels: number,
  decodeIt: (read: Read) => DibPixels | undefined,
): FrameStep {
  if (read === "other") return { kind: "failure", cause: "media_unsupported" }
  if (read === "broken") return { kind: "failure", cause: "picture_undecodable" }
  if (read.dib.width * read.dib.height > maxPixels) return { kind: "failure", cause: "pixel_limit" }
  const decoded = decodeIt(read)
  return decoded === undefined ? { kind: "failure", cause: "picture_undecodable" } : { kind: "frame", ...decoded }
}

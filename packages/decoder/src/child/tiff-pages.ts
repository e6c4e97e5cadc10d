import { decode } from "./decode.ts"
import type { FrameSource, FrameStep } from "./frame.ts"
import { orientationIn } from "./orientation.ts"
import { shapeOf } from "./shape-of.ts"
import { isImage, readPlace, readTiff, type TiffDirectory, type TiffFile, writePlace } from "./structure/tiff-file.ts"
import { makeFirst } from "./structure/tiff-first.ts"

/**
 * Yields every picture of a TIFF, in pages and in nested directories. Each in turn is made the only one that the
 * decoder finds, because the decoder counts all pages each time it opens a file.
 */
export async function* tiffPages({ bytes, limits }: FrameSource): AsyncGenerator<FrameStep, void, void> {
  const tiff = readTiff(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  const images = tiff?.directories.filter(isImage) ?? []
  if (tiff === undefined || images.length === 0) return yield { kind: "failure", cause: "picture_undecodable" }
  for (const image of images) yield await alone(tiff, image, limits.maxPixels)
}

async function alone(tiff: TiffFile, image: TiffDirectory, maxPixels: number): Promise<FrameStep> {
  const placeAt = tiff.isBig ? 8 : 4
  const [first, next] = [readPlace(tiff, placeAt), readPlace(tiff, image.nextAt)]
  makeFirst(tiff, image)
  try {
    const shape = await shapeOf(tiff.bytes)
    if (shape === undefined) return { kind: "failure", cause: "picture_undecodable" }
    const options = { failOn: "error", limitInputPixels: maxPixels, isCmyk: shape.isCmyk } as const
    const decoded = await decode(tiff.bytes, options)
    if (typeof decoded === "string") return { kind: "failure", cause: decoded }
    return { kind: "frame", ...decoded, orientation: orientationIn(tiff.bytes) }
  } finally {
    writePlace(tiff, placeAt, first)
    writePlace(tiff, image.nextAt, next)
  }
}

import { apngFrames } from "./apng.ts"
import { bitmapFrame, iconFrames } from "./bmp/frames.ts"
import { type Decoded, type DecodeError, decode } from "./decode.ts"
import type { FrameSource, FrameStep } from "./frame.ts"
import { jpegFrame } from "./jpeg/jpeg-frame.ts"
import type { Pixels } from "./pixels.ts"
import { shapeOf } from "./shape-of.ts"
import { hasTrack } from "./structure/iso-boxes.ts"
import { tiffPages } from "./tiff-pages.ts"

/** Most pixels of an animation's frames that are decoded together. */
const CHUNK_PIXELS = 48_000_000

/** Yields every frame and page of a picture in order, within the limits. */
export async function* framesOf(source: FrameSource): AsyncGenerator<FrameStep, void, void> {
  let left = source.limits.maxFrames
  for await (const step of allFrames(source)) {
    if (step.kind === "frame" && left-- <= 0) {
      step.pixels.release()
      yield { kind: "failure", cause: "frame_limit" }
      return
    }
    yield step
    if (performance.now() > source.deadline) {
      yield { kind: "failure", cause: "time_limit" }
      return
    }
  }
}

async function* allFrames(source: FrameSource): AsyncGenerator<FrameStep, void, void> {
  switch (source.mediaType) {
    case "image/gif":
      return yield* animation(source)
    case "image/webp":
      return yield* isAnimatedWebp(source.bytes) ? animation(source) : single(source, source.bytes)
    case "image/tiff":
      return yield* tiffPages(source)
    case "image/apng":
      return yield* apngFrames(source)
    case "image/bmp":
      return yield bitmapFrame(source)
    case "image/vnd.microsoft.icon":
      return yield* iconFrames(source)
    case "image/avif":
    case "image/avif-sequence":
      yield* pages(source)
      if (source.mediaType === "image/avif" && !hasTrack(source.bytes)) return
      return yield { kind: "failure", cause: "media_unsupported" }
    default:
      if (source.pixels === undefined) yield* single(source, source.bytes)
      else yield { kind: "frame", pixels: source.pixels, isDamaged: false }
      for (const bytes of source.further) yield* single(source, bytes)
  }
}

async function* single(source: FrameSource, bytes: Uint8Array): AsyncGenerator<FrameStep, void, void> {
  const { mediaType, systemJpeg, limits } = source
  const isJpeg = mediaType === "image/jpeg"
  const pixels = isJpeg ? await systemJpeg?.(bytes, limits.maxPixels) : undefined
  if (pixels !== undefined) return yield { kind: "frame", pixels, isDamaged: false }
  const isCmyk = isJpeg && jpegFrame(bytes)?.components === 4
  const decoded = await decode(bytes, { failOn: "warning", limitInputPixels: limits.maxPixels, isCmyk })
  yield stepOf(decoded)
}

/** Yields frames of one size; many are decoded at once, stacked vertically. */
async function* animation({ bytes, limits }: FrameSource): AsyncGenerator<FrameStep, void, void> {
  const shape = await shapeOf(bytes)
  if (shape === undefined) return yield { kind: "failure", cause: "picture_undecodable" }
  const framePixels = shape.width * shape.height
  if (framePixels > limits.maxPixels) return yield { kind: "failure", cause: "pixel_limit" }
  const pagesPerChunk = Math.max(1, Math.floor(CHUNK_PIXELS / framePixels))
  for (let page = 0; page < shape.pages; page += pagesPerChunk) {
    // Decode one more than the limit to find out whether there are more.
    if (page > limits.maxFrames) return
    const pages = Math.min(pagesPerChunk, shape.pages - page, limits.maxFrames + 1 - page)
    if (pages < 1) return
    const options = { failOn: "warning", page, pages, limitInputPixels: framePixels * pages } as const
    const decoded = await decode(bytes, options)
    if (typeof decoded === "string") return yield { kind: "failure", cause: decoded }
    yield* cut(decoded.pixels, pages, decoded.isDamaged)
  }
}

async function* cut(pixels: Pixels, pages: number, isDamaged: boolean): AsyncGenerator<FrameStep, void, void> {
  const { data, width, channels } = pixels
  const height = pixels.height / pages
  if (!Number.isInteger(height)) {
    pixels.release()
    return yield { kind: "failure", cause: "picture_undecodable" }
  }
  const frameBytes = width * height * channels
  try {
    for (let i = 0; i < pages; i++) {
      const frame = data.subarray(i * frameBytes, (i + 1) * frameBytes)
      yield { kind: "frame", pixels: { data: frame, width, height, channels, release() {} }, isDamaged }
    }
  } finally {
    pixels.release()
  }
}

/** Yields pages, each with its own size. */
async function* pages({ bytes, limits }: FrameSource): AsyncGenerator<FrameStep, void, void> {
  const count = (await shapeOf(bytes))?.pages
  if (count === undefined) return yield { kind: "failure", cause: "picture_undecodable" }
  for (let page = 0; page < count; page++) {
    yield stepOf(await decode(bytes, { failOn: "warning", page, limitInputPixels: limits.maxPixels }))
  }
}

function stepOf(decoded: Decoded | DecodeError): FrameStep {
  return typeof decoded === "string" ? { kind: "failure", cause: decoded } : { kind: "frame", ...decoded }
}

/** Only the extended form has frames, as its flags state (RFC 9649, 2.7.1.1). */
export function isAnimatedWebp(bytes: Uint8Array): boolean {
  return (
    bytes[12] === 0x56 && bytes[13] === 0x50 && bytes[14] === 0x38 && bytes[15] === 0x58 && ((bytes[20] ?? 0) & 2) !== 0
  )
}

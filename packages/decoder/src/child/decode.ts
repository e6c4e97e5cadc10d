import sharp, { type SharpOptions } from "sharp"
import type { Pixels } from "./pixels.ts"

/** Which pages to decode. */
export interface PageRange {
  readonly page: number
  readonly pages: number
  /** TIFF: the picture below the page, from 0. */
  readonly subifd?: number
}

/** Pages below one another, and whether the decoder had to look past an error for them. */
export interface Decoded {
  readonly pixels: Pixels
  readonly isDamaged: boolean
}

/** Why there are no pixels: more of them than the limit, or nothing that decodes. */
export type DecodeError = "pixel_limit" | "picture_undecodable"

/**
 * Decodes a picture, if need be past its damage: once strictly, then, where that fails, taking what there is.
 *
 * @returns The pixels, or why there are none.
 */
export async function decode(
  bytes: Uint8Array,
  options: SharpOptions & { readonly limitInputPixels: number },
): Promise<Decoded | DecodeError> {
  try {
    return { pixels: await decodeRaw(bytes, options), isDamaged: false }
  } catch (error) {
    if (isPixelLimit(error)) return "pixel_limit"
  }
  try {
    return { pixels: await decodeRaw(bytes, { ...options, failOn: "none" }), isDamaged: true }
  } catch (error) {
    return isPixelLimit(error) ? "pixel_limit" : "picture_undecodable"
  }
}

async function decodeRaw(bytes: Uint8Array, options: SharpOptions): Promise<Pixels> {
  const { data, info } = await sharp(bytes, options).raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if ((channels !== 3 && channels !== 4) || data.length !== width * height * channels) {
    throw new Error("expected RGB or RGBA pixels")
  }
  return { data, width, height, channels, release: () => releaseMemory(data.buffer) }
}

/** The collector sees the small object that stands for the pixels, not their size, and would come too late. */
function releaseMemory(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

function isPixelLimit(error: unknown): boolean {
  return error instanceof Error && error.message.includes("exceeds pixel limit")
}

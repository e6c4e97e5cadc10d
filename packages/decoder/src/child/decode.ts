import sharp, { type SharpOptions } from "sharp"
import { type Pixels, releaseMemory } from "./pixels.ts"

/** Options and limits of a decode. */
export interface DecodeOptions extends SharpOptions {
  readonly limitInputPixels: number
  /** Four inks, converted to RGB directly as in PDQ's reference, not by a colour profile. */
  readonly isCmyk?: boolean
}

/** Pages stacked vertically, and whether the decoder had to ignore an error. */
export interface Decoded {
  readonly pixels: Pixels
  readonly isDamaged: boolean
}

/** Why there are no pixels: more than the limit, or undecodable data. */
export type DecodeError = "pixel_limit" | "picture_undecodable"

/**
 * Decodes a picture strictly or, if that fails, tolerating damage.
 *
 * @returns The pixels, or why there are none.
 */
export async function decode(bytes: Uint8Array, options: DecodeOptions): Promise<Decoded | DecodeError> {
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

async function decodeRaw(bytes: Uint8Array, { isCmyk = false, ...options }: DecodeOptions): Promise<Pixels> {
  // PDQ's reference uses the stored numbers and ignores colour profiles.
  const pipeline = sharp(bytes, { ...options, ignoreIcc: true })
  const inked = isCmyk ? pipeline.pipelineColourspace("cmyk").toColourspace("cmyk") : pipeline
  const { data, info } = await inked.raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if ((channels !== 3 && channels !== 4) || data.length !== width * height * channels) {
    throw new Error("expected pixels of three or four channels")
  }
  const release = () => releaseMemory(data)
  return isCmyk && channels === 4
    ? { data: withoutInks(data), width, height, channels: 3, release }
    : { data, width, height, channels, release }
}

/** Converts inks to RGB in place. */
function withoutInks(inks: Buffer): Uint8Array {
  let to = 0
  for (let from = 0; from < inks.length; from += 4) {
    const light = 255 - (inks[from + 3] ?? 0)
    for (let i = 0; i < 3; i++) inks[to++] = ((255 - (inks[from + i] ?? 0)) * light + 127) / 255
  }
  return inks.subarray(0, to)
}

function isPixelLimit(error: unknown): boolean {
  return error instanceof Error && error.message.includes("exceeds pixel limit")
}

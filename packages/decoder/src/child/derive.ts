import { SNIFF_BYTES, sniffMedia } from "@nightlight/core"
import sharp, { type Sharp } from "sharp"
import type { DeriveFailure, DeriveRequest } from "../derive.ts"
import { framesOf } from "./frames-of.ts"
import { exifOrientation } from "./orientation.ts"
import type { Pixels } from "./pixels.ts"
import { findHidden } from "./trailing.ts"
import { decodeInWebAssembly } from "./wasm-codecs.ts"

/** A rendition's raw pixels: one channel for grey, otherwise three. */
export interface Rendition {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** Background of transparent pixels. */
const GROUND = { r: 128, g: 128, b: 128 }

/** Renders one frame of a picture. libvips must be set up before. */
export async function derive(bytes: Uint8Array, request: DeriveRequest): Promise<Rendition | DeriveFailure> {
  const media = sniffMedia(bytes.subarray(0, SNIFF_BYTES), bytes.length)
  if (media.kind !== "picture") return "not_a_picture"
  const isMoving =
    media.mediaType === "image/png" && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes("fdAT")
  const mediaType = isMoving ? "image/apng" : media.mediaType
  if (request.frame === 0) {
    const pixels = await decodeInWebAssembly(bytes, mediaType, request.limits.maxPixels)
    if (pixels !== undefined) return renderAndRelease(pixels)
  }
  const deadline = performance.now() + request.limits.timeoutMs * 0.9
  const { further } = findHidden(bytes, mediaType)
  let frame = 0
  let sawAny = false
  for await (const step of framesOf({ bytes, mediaType, further, limits: request.limits, deadline })) {
    if (step.kind === "failure") {
      if (step.cause === "time_limit") return "time_limit"
      continue
    }
    sawAny = true
    if (frame++ < request.frame) {
      step.pixels.release()
      continue
    }
    // Await here, because leaving the loop releases the memory of all frames that were decoded together.
    return await renderAndRelease(step.pixels)
  }
  return sawAny ? "no_such_frame" : "undecodable"

  async function renderAndRelease(pixels: Pixels): Promise<Rendition> {
    try {
      return await render(pixels, request, exifOrientation(bytes, mediaType))
    } finally {
      pixels.release()
    }
  }
}

async function render(
  { data, width, height, channels }: Pixels,
  { sidePx, blurSigma, greyscale }: DeriveRequest,
  orientation: number,
): Promise<Rendition> {
  const raw = sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
  const opaque = channels === 4 ? raw.flatten({ background: GROUND }) : raw
  // Resize first, in a separate pipeline: in a single one, turning precedes resizing and costs time for every pixel.
  const small = await opaque
    .resize({ width: sidePx, height: sidePx, fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { info } = small
  const again = sharp(small.data, { raw: { width: info.width, height: info.height, channels: info.channels as 3 } })
  const blurred = blurSigma === 0 ? upright(again, orientation) : upright(again, orientation).blur(blurSigma)
  const coloured = greyscale ? blurred.greyscale().toColourspace("b-w") : blurred.toColourspace("srgb")
  const done = await coloured.raw().toBuffer({ resolveWithObject: true })
  if (done.info.channels !== (greyscale ? 1 : 3)) throw new Error("expected pixels of one or three channels")
  return { data: done.data, width: done.info.width, height: done.info.height }
}

/** Applies the EXIF orientation. */
function upright(picture: Sharp, orientation: number): Sharp {
  switch (orientation) {
    case 2:
      return picture.flop()
    case 3:
      return picture.rotate(180)
    case 4:
      return picture.flip()
    case 5:
      // sharp mirrors first, whatever the order of the calls.
      return picture.rotate(270).flop()
    case 6:
      return picture.rotate(90)
    case 7:
      return picture.rotate(90).flop()
    case 8:
      return picture.rotate(270)
    default:
      return picture
  }
}

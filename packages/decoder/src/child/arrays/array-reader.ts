import { setImmediate } from "node:timers/promises"
import {
  compact,
  type Fingerprint,
  hasCode,
  type InconclusiveCause,
  type PictureView,
  type SniffedMedia,
} from "@nightlight/core"
import { createHasher } from "@nightlight/pdq"
import type { InitMessage } from "../../protocol.ts"
import { createViewer, type Viewer } from "../views.ts"
import { pixelsOf } from "./array-pixels.ts"
import { beginsAsFile, holdsPictureFile } from "./hidden-files.ts"
import { pictureLayout } from "./layout.ts"
import { parseNpy } from "./npy.ts"
import { parseSafetensors } from "./safetensors.ts"
import type { Tensor } from "./tensor.ts"

/** Result of inspecting an array file, with its confirmed type. */
export type ArrayResult = SniffedMedia & Pick<Fingerprint, "picture" | "inconclusive">

/** Inspects array files. */
export interface ArrayReader {
  /**
   * Checks that a file contains only arrays, and hashes those that may be pictures.
   *
   * @param deadline - on `performance.now()`'s clock.
   */
  read(bytes: Uint8Array, media: SniffedMedia, deadline: number): Promise<ArrayResult>
}

const FRAMES_A_TURN = 8
/** EXIF orientation of pixels that are stored as shown. */
const UPRIGHT = 1

const UNKNOWN: ArrayResult = {
  mediaType: "application/octet-stream",
  kind: "unknown",
  inconclusive: "media_unknown",
}

/** The text of an array file: its header, in which safetensors keep thumbnails. */
export function headerOf(file: Uint8Array, media: SniffedMedia): Uint8Array {
  const first = tensorsOf(file, media, file.length)?.[0]
  return media.mediaType === "application/x-safetensors" ? file.subarray(8, first?.start ?? file.length) : NO_BYTES
}

const NO_BYTES = new Uint8Array(0)

/** The arrays of a file; `undefined` where it is not exactly in the format. */
function tensorsOf(head: Uint8Array, { mediaType }: SniffedMedia, sizeBytes: number) {
  return mediaType === "application/x-npy" ? parseNpy(head, sizeBytes) : parseSafetensors(head, sizeBytes)?.tensors
}

/** Classifies an array file that is too large to inspect, by its beginning. */
export function judgeLargeArray(head: Uint8Array, media: SniffedMedia, sizeBytes: number): ArrayResult {
  const tensors = tensorsOf(head, media, sizeBytes)
  if (tensors === undefined || holdsFile(Buffer.from(head.buffer, head.byteOffset, head.length), tensors))
    return UNKNOWN
  const mayBePicture = tensors.some((tensor) => pictureLayout(tensor)?.isPicture === true)
  return mayBePicture ? { ...media, inconclusive: "byte_limit" } : media
}

/** Makes a reader, which loads a hasher for the first picture. */
export function createArrayReader({ profile, kernel, limits }: InitMessage): ArrayReader {
  let viewer: Viewer | undefined

  async function inspect(file: Uint8Array, tensors: readonly Tensor[], deadline: number) {
    const views: PictureView[] = []
    let size: { readonly width: number; readonly height: number } | undefined
    let frames = 0
    let cause: InconclusiveCause | undefined
    for (const tensor of tensors) {
      const layout = pictureLayout(tensor)
      if (layout === undefined) continue
      const { width, height, isPicture } = layout
      for (let picture = 0; picture < layout.count; picture++) {
        const limit: InconclusiveCause | undefined =
          frames >= limits.maxFrames
            ? "frame_limit"
            : width * height > limits.maxPixels
              ? "pixel_limit"
              : performance.now() > deadline
                ? "time_limit"
                : undefined
        if (limit !== undefined) {
          if (isPicture) cause ??= limit
          break
        }
        viewer ??= createViewer(createHasher(), { profile, kernel })
        const pixels = pixelsOf(file, tensor, layout, picture)
        size ??= { width, height }
        views.push(...viewer.view(pixels, frames++, UPRIGHT))
        pixels.release()
        if (frames % FRAMES_A_TURN === 0) await setImmediate()
      }
    }
    const picture =
      size === undefined ? undefined : { ...size, frames, exifOrientation: 1, flags: [], profile, kernel, views }
    return { picture, cause }
  }

  return {
    async read(bytes, media, deadline) {
      const tensors = tensorsOf(bytes, media, bytes.length)
      const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      if (tensors === undefined || holdsFile(file, tensors)) return UNKNOWN
      try {
        const { picture, cause } = await inspect(bytes, tensors, deadline)
        return {
          ...media,
          ...compact({ picture, inconclusive: cause }),
        }
      } catch (error) {
        return { ...media, inconclusive: hasCode(error, "memory_exhausted") ? "memory_limit" : "picture_undecodable" }
      }
    },
  }
}

/** Whether a picture's file is inside an array or is one; for a longer file, in the part that was read. */
function holdsFile(file: Buffer, tensors: readonly Tensor[]): boolean {
  if (holdsPictureFile(file)) return true
  return tensors.some((tensor) => {
    const isBytes = tensor.element.bytes === 1 && pictureLayout(tensor) === undefined
    return beginsAsFile(file.subarray(tensor.start, tensor.end), isBytes)
  })
}

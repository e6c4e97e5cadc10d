import type { InconclusiveCause } from "@nightlight/core"
import type { DecoderLimits } from "../limits.ts"
import type { SystemJpeg } from "./jpeg/system-jpeg.ts"
import type { Pixels } from "./pixels.ts"

/** Why a frame, or all further frames, could not be inspected. */
export type DecodeFailure = Extract<
  InconclusiveCause,
  "picture_undecodable" | "pixel_limit" | "frame_limit" | "time_limit" | "media_unsupported"
>

/** A frame's pixels, or why there are none. The consumer releases the pixels before it requests the next frame. */
export type FrameStep =
  | {
      readonly kind: "frame"
      readonly pixels: Pixels
      readonly isDamaged: boolean
      /** EXIF orientation of the frame, if it has its own. */
      readonly orientation?: number
    }
  | { readonly kind: "failure"; readonly cause: DecodeFailure }

/** A picture to decode. */
export interface FrameSource {
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** Further whole pictures of the same type that follow the first one in the file. */
  readonly further: readonly Uint8Array[]
  /** Pixels of a single picture that are made already. */
  readonly pixels?: Pixels | undefined
  /** Decodes plain JPEGs faster than sharp; only for a file that was walked to its end. */
  readonly systemJpeg?: SystemJpeg | undefined
  readonly limits: DecoderLimits
  /** No frame is started after this time, on `performance.now()`'s clock. */
  readonly deadline: number
}

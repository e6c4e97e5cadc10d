import type { InconclusiveCause } from "@nightlight/core"
import type { DecoderLimits } from "../limits.ts"
import type { SystemJpeg } from "./jpeg/system-jpeg.ts"
import type { Pixels } from "./pixels.ts"

/** Why a frame, or all further ones, could not be looked at. */
export type DecodeFailure = Extract<
  InconclusiveCause,
  "picture_undecodable" | "pixel_limit" | "frame_limit" | "time_limit" | "media_unsupported"
>

/** A frame's pixels, or why there are none. The taker releases the pixels before it asks for more. */
export type FrameStep =
  | {
      readonly kind: "frame"
      readonly pixels: Pixels
      readonly isDamaged: boolean
      /** EXIF orientation, where a frame has its own. */
      readonly orientation?: number
    }
  | { readonly kind: "failure"; readonly cause: DecodeFailure }

/** A picture whose frames are wanted. */
export interface FrameSource {
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** Further whole pictures of the same type that follow the first one in the file. */
  readonly further: readonly Uint8Array[]
  /** What decodes plain JPEGs faster than sharp; only where the file was walked to its end. */
  readonly systemJpeg?: SystemJpeg | undefined
  readonly limits: DecoderLimits
  /** No frame is begun after it, on `performance.now()`'s clock. */
  readonly deadline: number
}

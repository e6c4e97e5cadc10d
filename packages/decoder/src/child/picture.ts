import {
  compact,
  type Fingerprint,
  hasCode,
  type InconclusiveCause,
  type PictureFlag,
  type PictureView,
} from "@nightlight/core"
import { createHasher } from "@nightlight/pdq"
import type { InitMessage } from "../protocol.ts"
import { embeddedIn } from "./embedded/embedded.ts"
import { framesOf } from "./frames-of.ts"
import type { SystemJpeg } from "./jpeg/system-jpeg.ts"
import { exifOrientation } from "./orientation.ts"
import { setUpSharp } from "./sharp-setup.ts"
import { findHidden } from "./trailing.ts"
import { createViewer } from "./views.ts"

/** The part of a fingerprint that comes from pixels. */
export type PictureResult = Pick<Fingerprint, "picture" | "inconclusive">

/** Decodes and hashes pictures. */
export interface PictureReader {
  /**
   * Inspects every frame of a picture.
   *
   * @param deadline - on `performance.now()`'s clock; no frame is started after it, cause `time_limit`.
   */
  read(bytes: Uint8Array, mediaType: string, deadline: number): Promise<PictureResult>
}

/** Nesting limit: a picture's thumbnail may have metadata that contains a picture. */
const MAX_DEPTH = 3

const UPRIGHT = 1

/** A file to inspect: the item, or a picture inside it. */
interface Part {
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** 0 for the item itself. */
  readonly depth: number
  /** EXIF orientation of the enclosing picture: a thumbnail is turned with it. */
  readonly orientation: number
}

/** Results for an item so far. */
interface Seen {
  readonly views: PictureView[]
  frames: number
  size: { readonly width: number; readonly height: number } | undefined
  cause: InconclusiveCause | undefined
  readonly flags: Set<PictureFlag>
}

/**
 * Loads the hasher and sets up libvips.
 *
 * @param systemJpeg - decodes plain JPEGs; sharp is used where it is absent.
 */
export async function createPictureReader(
  { profile, kernel, limits }: Pick<InitMessage, "profile" | "kernel" | "limits">,
  systemJpeg: SystemJpeg | undefined,
): Promise<PictureReader> {
  setUpSharp()
  const viewer = createViewer(createHasher(), { profile, kernel })

  async function readPicture(bytes: Uint8Array, mediaType: string, deadline: number): Promise<PictureResult> {
    const seen: Seen = { views: [], frames: 0, size: undefined, cause: undefined, flags: new Set() }
    await readPart({ bytes, mediaType, depth: 0, orientation: UPRIGHT }, seen, deadline)
    // The missing part of a picture was not inspected, so the picture must not pass as inspected.
    if (seen.flags.size > 0) seen.cause ??= "picture_damaged"
    const { size, frames, views, flags, cause } = seen
    if (size === undefined) return { inconclusive: cause ?? "picture_undecodable" }
    const orientation = exifOrientation(bytes, mediaType)
    const picture = { ...size, frames, exifOrientation: orientation, flags: [...flags], profile, kernel, views }
    return compact({ picture, inconclusive: cause })
  }

  /** Inspects every frame of a file, then the pictures inside it. */
  async function readPart(part: Part, seen: Seen, deadline: number): Promise<void> {
    const { bytes, mediaType, depth } = part
    const hidden = findHidden(bytes, mediaType, limits.maxPixels)
    const own = exifOrientation(bytes, mediaType)
    const orientation = own === UPRIGHT ? part.orientation : own
    let isDamaged = hidden.isBroken
    const left = { ...limits, maxFrames: limits.maxFrames - seen.frames }
    const isWhole = !hidden.isTruncated && !hidden.isBroken && hidden.cause === undefined
    const source = { bytes, mediaType, further: hidden.further, limits: left, deadline }
    const pixels = isWhole ? hidden.pixels : undefined
    if (!isWhole) hidden.pixels?.release()
    for await (const step of framesOf({ ...source, pixels, systemJpeg: isWhole ? systemJpeg : undefined })) {
      if (step.kind === "failure") {
        seen.cause ??= step.cause
        continue
      }
      isDamaged ||= step.isDamaged
      seen.size ??= { width: step.pixels.width, height: step.pixels.height }
      seen.views.push(...viewer.view(step.pixels, seen.frames++, step.orientation ?? orientation))
      step.pixels.release()
    }
    if (hidden.isPolyglot) seen.cause = "polyglot"
    if (depth > 0 && (hidden.isTruncated || isDamaged)) seen.cause ??= "picture_damaged"
    else if (hidden.isTruncated) seen.flags.add("truncated")
    else if (isDamaged) seen.flags.add("damaged")
    seen.cause ??= hidden.cause
    const { pictures, cause } = embeddedIn(hidden)
    seen.cause ??= cause
    for (const picture of pictures) {
      if (depth === MAX_DEPTH) seen.cause ??= "frame_limit"
      else if (performance.now() > deadline) seen.cause ??= "time_limit"
      else await readPart({ ...picture, depth: depth + 1, orientation }, seen, deadline)
    }
  }

  return {
    async read(bytes, mediaType, deadline) {
      try {
        return await readPicture(bytes, mediaType, deadline)
      } catch (error) {
        return { inconclusive: hasCode(error, "memory_exhausted") ? "memory_limit" : "picture_undecodable" }
      }
    },
  }
}

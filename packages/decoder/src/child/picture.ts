import { type Fingerprint, hasCode, type InconclusiveCause, type PictureFlag, type PictureView } from "@nightlight/core"
import { createHasher } from "@nightlight/pdq"
import type { InitMessage } from "../protocol.ts"
import { embeddedIn } from "./embedded/embedded.ts"
import { framesOf } from "./frames-of.ts"
import type { SystemJpeg } from "./jpeg/system-jpeg.ts"
import { exifOrientation } from "./orientation.ts"
import { setUpSharp } from "./sharp-setup.ts"
import { hiddenIn } from "./trailing.ts"
import { createViewer } from "./views.ts"

/** The part of a fingerprint that pixels tell. */
export type SeenPicture = Pick<Fingerprint, "picture" | "inconclusive">

/** Decodes pictures and hashes what it sees. */
export interface PictureReader {
  /**
   * Looks at every frame of a picture.
   *
   * @param deadline - On `performance.now()`'s clock: after it no further frame is begun, cause `time_limit`.
   */
  read(bytes: Uint8Array, mediaType: string, deadline: number): Promise<SeenPicture>
}

/** A picture's thumbnail may have metadata with a picture in it, which has none. */
const MOST_DEPTH = 3

const UPRIGHT = 1

/** A file to look into: the item, or a picture within it. */
interface Part {
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** 0 for the item itself. */
  readonly depth: number
  /** EXIF orientation of what it stands in: a thumbnail is turned with its picture. */
  readonly orientation: number
}

/** What was seen of an item so far. */
interface Seen {
  readonly views: PictureView[]
  frames: number
  size: { readonly width: number; readonly height: number } | undefined
  cause: InconclusiveCause | undefined
  readonly flags: Set<PictureFlag>
}

/**
 * Loads the hasher and sets libvips up.
 *
 * @param systemJpeg - Decodes plain JPEGs; sharp does where it is absent.
 */
export async function createPictureReader(
  { profile, kernel, limits }: Pick<InitMessage, "profile" | "kernel" | "limits">,
  systemJpeg: SystemJpeg | undefined,
): Promise<PictureReader> {
  setUpSharp()
  const viewer = createViewer(createHasher(), { profile, kernel })

  async function look(bytes: Uint8Array, mediaType: string, deadline: number): Promise<SeenPicture> {
    const seen: Seen = { views: [], frames: 0, size: undefined, cause: undefined, flags: new Set() }
    await lookInto({ bytes, mediaType, depth: 0, orientation: UPRIGHT }, seen, deadline)
    // What is missing of a picture nobody saw: it must not pass as seen.
    if (seen.flags.size > 0) seen.cause ??= "picture_damaged"
    const { size, frames, views, flags, cause } = seen
    if (size === undefined) return { inconclusive: cause ?? "picture_undecodable" }
    const orientation = exifOrientation(bytes, mediaType)
    const picture = { ...size, frames, exifOrientation: orientation, flags: [...flags], profile, kernel, views }
    return cause === undefined ? { picture } : { picture, inconclusive: cause }
  }

  /** Looks at every frame of a file, then at the pictures within it. */
  async function lookInto(part: Part, seen: Seen, deadline: number): Promise<void> {
    const { bytes, mediaType, depth } = part
    const hidden = hiddenIn(bytes, mediaType)
    const own = exifOrientation(bytes, mediaType)
    const orientation = own === UPRIGHT ? part.orientation : own
    let isDamaged = hidden.isBroken
    const left = { ...limits, maxFrames: limits.maxFrames - seen.frames }
    const isWhole = !hidden.isTruncated && !hidden.isBroken && hidden.cause === undefined
    const source = { bytes, mediaType, further: hidden.further, limits: left, deadline }
    for await (const step of framesOf({ ...source, systemJpeg: isWhole ? systemJpeg : undefined })) {
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
      if (depth === MOST_DEPTH) seen.cause ??= "frame_limit"
      else if (performance.now() > deadline) seen.cause ??= "time_limit"
      else await lookInto({ ...picture, depth: depth + 1, orientation }, seen, deadline)
    }
  }

  return {
    async read(bytes, mediaType, deadline) {
      try {
        return await look(bytes, mediaType, deadline)
      } catch (error) {
        return { inconclusive: hasCode(error, "memory_exhausted") ? "memory_limit" : "picture_undecodable" }
      }
    },
  }
}

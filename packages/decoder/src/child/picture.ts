import { type Fingerprint, hasCode, type InconclusiveCause, type PictureFlag, type PictureView } from "@nightlight/core"
import { createHasher } from "@nightlight/pdq"
import type { InitMessage } from "../protocol.ts"
import { type FrameSource, framesOf } from "./frames-of.ts"
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

/** Loads the hasher and sets libvips up. */
export async function createPictureReader({ profile, kernel, limits }: InitMessage): Promise<PictureReader> {
  setUpSharp()
  const viewer = createViewer(createHasher(), { profile, kernel })

  async function look(bytes: Uint8Array, mediaType: string, deadline: number): Promise<SeenPicture> {
    const hidden = hiddenIn(bytes, mediaType)
    const flags = new Set<PictureFlag>(hidden.isTruncated ? ["truncated"] : [])
    const views: PictureView[] = []
    let size: { width: number; height: number } | undefined
    let frames = 0
    let cause: InconclusiveCause | undefined
    const source: FrameSource = { bytes, mediaType, further: hidden.further, limits, deadline }
    for await (const step of framesOf(source)) {
      if (step.kind === "failure") {
        cause ??= step.cause
        continue
      }
      const { width, height } = step.pixels
      if (step.isDamaged && !hidden.isTruncated) flags.add("damaged")
      size ??= { width, height }
      views.push(...viewer.view(step.pixels, frames++))
      step.pixels.release()
    }
    if (hidden.isPolyglot) cause = "polyglot"
    // What is missing of a picture nobody saw: it must not pass as seen.
    if (flags.size > 0) cause ??= "picture_damaged"
    if (size === undefined) return { inconclusive: cause ?? "picture_undecodable" }
    const orientation = exifOrientation(bytes, mediaType)
    const picture = { ...size, frames, exifOrientation: orientation, flags: [...flags], profile, kernel, views }
    return cause === undefined ? { picture } : { picture, inconclusive: cause }
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

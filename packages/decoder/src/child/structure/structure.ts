import type { InconclusiveCause } from "@nightlight/core"

/** How a picture's file is built, as far as that shows without pixels. */
export interface Structure {
  /** Offset behind the picture's last byte; `undefined` where it is missing: the file was cut. */
  readonly end: number | undefined
  /** Coded data is impossible, missing or left over, whatever a decoder makes of it. */
  readonly isBroken: boolean
  /** Why a part of it cannot be looked at or vouched for. */
  readonly cause?: InconclusiveCause | undefined
  /** Places that hold no pixels: metadata, comments, unknown chunks, gaps. Bytes that begin a picture there are one. */
  readonly areas: readonly Buffer[]
  /** Coded pixels that nothing vouches for: only what is a picture by its whole header counts there. */
  readonly coded: readonly Buffer[]
}

/** A structure whose end is missing. */
export function cutStructure(areas: readonly Buffer[] = [], coded: readonly Buffer[] = []): Structure {
  return { end: undefined, isBroken: false, areas, coded }
}

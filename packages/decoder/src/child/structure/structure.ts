import type { InconclusiveCause } from "@nightlight/core"
import type { Pixels } from "../pixels.ts"

/** Structure of a picture's file, read without decoding pixels. */
export interface Structure {
  /** Offset after the picture's last byte; `undefined` where the file was cut before it. */
  readonly end: number | undefined
  /** Whether coded data is impossible, missing or left over, even if a decoder accepts it. */
  readonly isBroken: boolean
  /** Why a part of it cannot be inspected or checked. */
  readonly cause?: InconclusiveCause | undefined
  /**
   * Areas without pixels: metadata, comments, unknown chunks, gaps. Bytes there that begin like a picture count as one.
   */
  readonly areas: readonly Buffer[]
  /** Coded pixels that cannot be checked: only a picture with a complete header counts there. */
  readonly coded: readonly Buffer[]
  /** The picture's pixels, if they were asked for and reading the structure made them. */
  readonly pixels?: Pixels | undefined
}

/** A structure whose end is missing. */
export function cutStructure(areas: readonly Buffer[] = [], coded: readonly Buffer[] = []): Structure {
  return { end: undefined, isBroken: false, areas, coded }
}

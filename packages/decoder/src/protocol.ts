/**
 * The messages between a decoder child and its parent. The parent writes one {@link InitMessage}, waits for the
 * {@link ReadyMessage}, then sends requests; the child answers each once, in any order.
 * @module
 */
import type { Fingerprint, PdqKernel, PdqProfile } from "@nightlight/core"
import type { DecoderLimits } from "./limits.ts"

/** What the child is told once. */
export interface InitMessage {
  readonly profile: PdqProfile
  readonly kernel: PdqKernel
  readonly limits: DecoderLimits
  /** Items that the child decodes at once. */
  readonly inFlight: number
  /**
   * Real paths that an opened file must lie under, where no namespace keeps the child from the others; `null` where one
   * does.
   */
  readonly confineTo: readonly string[] | null
}

/** Items that a child takes up beyond those it decodes: a thread that is done finds the next one read and digested. */
export const AT_HAND = 1

/**
 * What decodes a plain JPEG: the system's libjpeg-turbo, or sharp with the one it brings. Both give the same pixels; of
 * any other picture sharp does.
 */
export type JpegDecoder = "system" | "bundled"

/** Says that the child can take requests. */
export interface ReadyMessage {
  readonly ready: true
  readonly jpegDecoder: JpegDecoder
}

/** One item to fingerprint. The payload holds the bytes of a source of kind `bytes`. */
export interface RequestMessage {
  readonly id: number
  readonly source:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "range"; readonly path: string; readonly offset: number; readonly length: number }
    | { readonly kind: "bytes" }
  /** Send the digests as soon as they are known: this item may be the one that kills. */
  readonly early: boolean
}

/** What the child says of items. One without answers says that the child still runs; see {@link HEARTBEAT_MS}. */
export interface AnswersMessage {
  readonly answers: readonly Answer[]
}

/** The fingerprint of one item; an `early` one holds digests and type, and another answer follows. */
export interface Answer {
  readonly id: number
  readonly early: boolean
  readonly fingerprint: Fingerprint
}

/** While it has work, a child says something at least this often, unless something holds it up. */
export const HEARTBEAT_MS = 100

/** Most bytes of a frame's header in either direction: 1,000 frames in six views each take about 5 MB. */
export const MAX_HEADER_BYTES = 64 * 1024 * 1024

/** Most bytes of a picture given as `bytes`. */
export const MAX_PAYLOAD_BYTES = 0xffff_ffff

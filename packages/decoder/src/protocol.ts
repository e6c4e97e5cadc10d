/**
 * The messages between a decoder child and its parent. The parent writes one {@link InitMessage}, waits for the
 * {@link ReadyMessage}, then sends requests; the child answers each once, in any order.
 * @module
 */
import type { Fingerprint, PdqKernel, PdqProfile } from "@nightlight/core"
import type { DecoderLimits } from "./limits.ts"

/** The first message to a child. */
export interface InitMessage {
  readonly profile: PdqProfile
  readonly kernel: PdqKernel
  readonly limits: DecoderLimits
  /** Items that the child decodes concurrently. */
  readonly inFlight: number
  /** Real paths below which an opened file must be, where no namespace restricts the child; `null` where one does. */
  readonly confineTo: readonly string[] | null
}

/** Items that a child prepares beyond those it decodes, so that a free thread finds the next one read and digested. */
export const PREPARED_AHEAD = 1

/**
 * The decoder for progressive and large JPEGs: the system's libjpeg-turbo, or sharp with its bundled one. Both give the
 * same pixels. The child's own module makes those of plain JPEGs, and sharp decodes all other pictures.
 */
export type JpegDecoder = "system" | "bundled"

/** Says that the child can take requests. */
export interface ReadyMessage {
  readonly ready: true
  readonly jpegDecoder: JpegDecoder
}

/**
 * One item to fingerprint. The payload holds the bytes of a source of kind `bytes`; those of a `stream` are asked for by
 * {@link WantMessage}s.
 */
export interface RequestMessage {
  readonly id: number
  readonly source:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "range"; readonly path: string; readonly offset: number; readonly length: number }
    | { readonly kind: "bytes" }
    | { readonly kind: "stream"; readonly length: number }
  /** Whether to send the digests as soon as they are known, because this item may kill the child. */
  readonly early: boolean
}

/** A child's demand for a part of a `stream`, at most {@link MAX_PART_BYTES} long and one at a time for each item. */
export interface WantMessage {
  readonly want: { readonly id: number; readonly offset: number; readonly length: number }
}

/** The part that was asked for, as payload; without one where it cannot be read. */
export interface PartMessage {
  readonly part: number
}

/** Most bytes of a part. */
export const MAX_PART_BYTES = 1024 * 1024

/** Answers of a child. A message without answers shows that the child still runs; see {@link HEARTBEAT_MS}. */
export interface AnswersMessage {
  readonly answers: readonly Answer[]
}

/** The fingerprint of one item; an `early` one has only digests and type, and another answer follows. */
export interface Answer {
  readonly id: number
  readonly early: boolean
  readonly fingerprint: Fingerprint
}

/** Longest interval between messages of a child with work, unless something holds it up. */
export const HEARTBEAT_MS = 100

/** Most bytes of a frame's header in either direction: 1,000 frames with six views each take about 5 MB. */
export const MAX_HEADER_BYTES = 64 * 1024 * 1024

/** Most bytes of a picture given as `bytes`. */
export const MAX_PAYLOAD_BYTES = 0xffff_ffff

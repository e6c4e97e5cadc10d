import { loadWasm } from "./wasm.ts"

/** Result of walking a JPEG's coded data. */
export interface JpegWalk {
  /**
   * `whole`: every block of every scan is present, and nothing else. `cut`: the file ends before the picture does.
   * `broken`: data is impossible, missing or left over. `other`: a coding that is not walked (arithmetic, lossless,
   * twelve bits), or too much data.
   */
  readonly state: "whole" | "cut" | "broken" | "other"
  /** Bytes from the first marker to the end of the last one, or to where the walk stopped. */
  readonly end: number
  /** Content of the segments of applications (0xE0 to 0xEF), comments (0xFE) and unknown kinds, in order. */
  readonly segments: readonly JpegSegment[]
}

/** A segment's content, without its marker and length. */
export interface JpegSegment {
  /** Second byte of the marker. */
  readonly marker: number
  readonly start: number
  readonly end: number
}

/** Exports of `assembly/jpeg/index.ts`. */
interface JpegExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  reserve(length: number): number
  forget(): void
  walk(length: number): number
  endOf(): number
  segmentCount(): number
  segmentsAt(): number
}

const STATES = ["whole", "cut", "broken", "other", "other"] as const

/** A module that has walked more bytes is discarded, because its memory never shrinks. */
const KEPT_BYTES = 32 * 1024 * 1024

const startModule = loadWasm<JpegExports>("jpeg")

let kept: JpegExports | undefined

/**
 * Walks a JPEG's markers and entropy-coded data, because decoders ignore broken data.
 *
 * @param tables - a JPEG with only tables that precedes it, as in a TIFF.
 */
export function walkJpeg(bytes: Uint8Array, tables?: Uint8Array): JpegWalk {
  kept ??= startModule()
  const module = kept
  module.forget()
  if (tables !== undefined) {
    const { state } = walkOne(module, tables)
    if (state !== "whole") return { state, end: 0, segments: [] }
  }
  const walk = walkOne(module, bytes)
  if (module.memory.buffer.byteLength > KEPT_BYTES) kept = undefined
  return walk
}

function walkOne(module: JpegExports, bytes: Uint8Array): JpegWalk {
  const offset = module.reserve(bytes.length)
  if (offset === 0) return { state: "other", end: 0, segments: [] }
  new Uint8Array(module.memory.buffer).set(bytes, offset)
  const state = STATES[module.walk(bytes.length)] ?? "broken"
  const found = new Uint32Array(module.memory.buffer, module.segmentsAt(), 3 * module.segmentCount())
  const segments = Array.from({ length: found.length / 3 }, (_, i) => ({
    marker: found[3 * i] ?? 0,
    start: found[3 * i + 1] ?? 0,
    end: found[3 * i + 2] ?? 0,
  }))
  return { state, end: module.endOf(), segments }
}

import { type Pixels, releaseMemory } from "./pixels.ts"
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
  /**
   * The picture's pixels, RGB, exactly those of libjpeg, if they were asked for and the picture is `whole` and plain:
   * baseline, one scan, grey or brightness and differences of colour, at 4:4:4, 4:2:2, 4:2:0, 4:4:0 or 4:1:1, and no
   * decoder would warn of anything.
   */
  readonly pixels?: Pixels
}

/** A segment's content, without its marker and length. */
export interface JpegSegment {
  /** Second byte of the marker. */
  readonly marker: number
  readonly start: number
  readonly end: number
}

/** What may precede the JPEG, and whether pixels are wanted. */
export interface JpegWalkOptions {
  /** A JPEG with only tables, as in a TIFF. */
  readonly tables?: Uint8Array | undefined
  /** Most pixels of a picture whose pixels are made; at most {@link MAX_PAINTED_PIXELS}. None by default. */
  readonly maxPixels?: number
}

/** Larger pictures are left to other decoders: this one has the child's only thread, and its memory never shrinks. */
export const MAX_PAINTED_PIXELS = 4 * 1024 * 1024

/** Exports of `assembly/jpeg/index.ts`. */
interface JpegExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  reserve(length: number): number
  forget(): void
  walk(length: number, maxPixels: number): number
  endOf(): number
  segmentCount(): number
  segmentsAt(): number
  pixelsAt(): number
  widthOf(): number
  heightOf(): number
}

const STATES = ["whole", "cut", "broken", "other", "other"] as const

/** A module that has walked more bytes is discarded, because its memory never shrinks. */
const KEPT_BYTES = 32 * 1024 * 1024

const startModule = loadWasm<JpegExports>("jpeg")

let kept: JpegExports | undefined

/** Walks a JPEG's markers and entropy-coded data, because decoders ignore broken data. */
export function walkJpeg(bytes: Uint8Array, { tables, maxPixels = 0 }: JpegWalkOptions = {}): JpegWalk {
  kept ??= startModule()
  const module = kept
  module.forget()
  if (tables !== undefined) {
    const { state } = walkOne(module, tables, 0)
    if (state !== "whole") return { state, end: 0, segments: [] }
  }
  const walk = walkOne(module, bytes, Math.min(maxPixels, MAX_PAINTED_PIXELS))
  if (module.memory.buffer.byteLength > KEPT_BYTES) kept = undefined
  return walk
}

function walkOne(module: JpegExports, bytes: Uint8Array, maxPixels: number): JpegWalk {
  const offset = module.reserve(bytes.length)
  if (offset === 0) return { state: "other", end: 0, segments: [] }
  new Uint8Array(module.memory.buffer).set(bytes, offset)
  const state = STATES[module.walk(bytes.length, maxPixels)] ?? "broken"
  const found = new Uint32Array(module.memory.buffer, module.segmentsAt(), 3 * module.segmentCount())
  const segments = Array.from({ length: found.length / 3 }, (_, i) => ({
    marker: found[3 * i] ?? 0,
    start: found[3 * i + 1] ?? 0,
    end: found[3 * i + 2] ?? 0,
  }))
  const walk = { state, end: module.endOf(), segments }
  return module.pixelsAt() === 0 ? walk : { ...walk, pixels: pixelsOf(module) }
}

/** Copies the pixels, because the next walk overwrites them. */
function pixelsOf(module: JpegExports): Pixels {
  const width = module.widthOf()
  const height = module.heightOf()
  const data = Buffer.allocUnsafeSlow(width * height * 3)
  data.set(new Uint8Array(module.memory.buffer, module.pixelsAt(), data.length))
  return { data, width, height, channels: 3, release: () => releaseMemory(data) }
}

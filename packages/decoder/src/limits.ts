import { RequestError } from "@nightlight/core"

/** Limits for one item. Every exceeded limit makes the item `inconclusive`, never clear. */
export interface DecoderLimits {
  /** A picture larger than this, in bytes, is digested but not decoded: `byte_limit`. Other kinds have no limit. */
  readonly maxBytes: number
  /** A frame with more pixels is not decoded: `pixel_limit`. */
  readonly maxPixels: number
  /** Most frames or pages of an item that are inspected: `frame_limit`. */
  readonly maxFrames: number
  /**
   * Milliseconds from an item's start to its answer; then its child is killed: `time_limit`. An item gets one more
   * second for each {@link DIGEST_BYTES_PER_SECOND}, because digesting a large item takes time.
   * The time that reading a stream's parts takes does not count; it has a limit of its own, ten times this one and a
   * second for each part: `time_limit` as well.
   */
  readonly timeoutMs: number
  /** Resident memory of one child, bytes; above it the child is killed: `memory_limit`. */
  readonly maxMemoryBytes: number
}

/** Bytes of an item for which it gets one more second; see {@link DecoderLimits.timeoutMs}. */
export const DIGEST_BYTES_PER_SECOND = 64 * 1024 * 1024

/**
 * Default limits: 256 MiB, 100 megapixels per frame, 1,000 frames, 30 s per item, 2 GiB per child. A frame at the pixel
 * limit takes about 1.2 GB while it is hashed.
 */
export const DEFAULT_LIMITS: DecoderLimits = {
  maxBytes: 256 * 1024 * 1024,
  maxPixels: 100_000_000,
  maxFrames: 1000,
  timeoutMs: 30_000,
  maxMemoryBytes: 2 * 1024 * 1024 * 1024,
}

/**
 * Fills in the default limits.
 *
 * @throws {RequestError} `input_invalid` when a limit is not a whole number of at least 1.
 */
export function resolveLimits(limits: Partial<DecoderLimits> = {}): DecoderLimits {
  const resolved = { ...DEFAULT_LIMITS, ...limits }
  for (const [name, value] of Object.entries(resolved)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RequestError("input_invalid", `expected ${name} to be a whole number of at least 1, got ${value}`)
    }
  }
  return resolved
}

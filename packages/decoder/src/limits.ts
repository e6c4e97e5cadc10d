import { RequestError } from "@nightlight/core"

/** What one item may cost before the decoder gives up on it. Every limit makes the item `inconclusive`, never clear. */
export interface DecoderLimits {
  /** A picture larger than this, in bytes, is digested but not decoded: `byte_limit`. Other kinds have no limit. */
  readonly maxBytes: number
  /** A frame of more pixels is not decoded: `pixel_limit`. */
  readonly maxPixels: number
  /** Only this many frames or pages of an item are looked at: `frame_limit`. */
  readonly maxFrames: number
  /**
   * Milliseconds from an item's start to its answer; then its child is killed: `time_limit`. An item larger than
   * {@link DIGEST_BYTES_PER_SECOND} gets a second more for each so many bytes: digesting takes time, and is not hostile.
   */
  readonly timeoutMs: number
  /** Resident memory of one child, bytes; above it the child is killed: `memory_limit`. */
  readonly maxMemoryBytes: number
}

/** Bytes of an item that earn one more second, see {@link DecoderLimits.timeoutMs}. */
export const DIGEST_BYTES_PER_SECOND = 64 * 1024 * 1024

/**
 * Limits in force where none are given: 256 MiB, 100 megapixels a frame, 1,000 frames, 30 s an item, 2 GiB a child. A
 * frame at the pixel limit takes about 1.2 GB while it is hashed.
 */
export const DEFAULT_LIMITS: DecoderLimits = {
  maxBytes: 256 * 1024 * 1024,
  maxPixels: 100_000_000,
  maxFrames: 1000,
  timeoutMs: 30_000,
  maxMemoryBytes: 2 * 1024 * 1024 * 1024,
}

/**
 * Fills in the limits that are not given.
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

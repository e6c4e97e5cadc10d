/** What can go wrong in this package; {@link PdqError.code} says which. */
export type PdqErrorCode =
  /** A hash is not 32 bytes, or not 64 hexadecimal digits. */
  | "hash_malformed"
  /** Pixels, their shape, a crop or an option do not fit together. */
  | "pixels_malformed"
  /** The WebAssembly module is missing, is not this package's, or this runtime lacks SIMD. */
  | "module_unusable"
  /** The WebAssembly memory cannot grow to what the call needs. */
  | "memory_exhausted"
  /** A radius is not a whole number of bits from 0 to 256. */
  | "radius_invalid"
  /** No entry of the index ever had that id. */
  | "id_unknown"
  /** The index has taken as many additions as it can before it is compacted. */
  | "delta_full"
  /** An index would not fit in 4 GiB. */
  | "index_too_large"
  /** A file, or a shared memory, is not an index, or was truncated or altered. */
  | "image_malformed"
  /** An image is whole, but not the one the caller expected. */
  | "image_digest_mismatch"
  /** The system does not let an image be read. */
  | "image_unreadable"
  /** The system does not let an image be written. */
  | "image_unwritable"

/** Thrown by every function of `@nightlight/pdq`, and by nothing else. */
export class PdqError extends Error {
  override name = "PdqError"
  readonly code: PdqErrorCode

  constructor(code: PdqErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

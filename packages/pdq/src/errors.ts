/** Codes of {@link PdqError}. */
export type PdqErrorCode =
  /** A hash is not 32 bytes, or not 64 hexadecimal digits. */
  | "hash_malformed"
  /** Pixels, their shape, a crop or an option do not fit together. */
  | "pixels_malformed"
  /** The WebAssembly module is missing or is another module, or this runtime lacks SIMD. */
  | "module_unusable"
  /** The WebAssembly memory cannot grow enough for the call. */
  | "memory_exhausted"
  /** A radius is not a whole number of bits from 0 to 256. */
  | "radius_invalid"
  /** No entry of the index ever had this id. */
  | "id_unknown"
  /** The index cannot take more additions before it is compacted. */
  | "delta_full"
  /** An index would not fit in 4 GiB. */
  | "index_too_large"
  /** A file or a shared memory is not an index, or was truncated or altered. */
  | "image_malformed"
  /** An image is whole, but is not the one that the caller expected. */
  | "image_digest_mismatch"
  /** The system cannot read an image. */
  | "image_unreadable"
  /** The system cannot write an image. */
  | "image_unwritable"

/** The only error that functions of `@nightlight/pdq` throw. */
export class PdqError extends Error {
  override name = "PdqError"
  readonly code: PdqErrorCode
  /** The system's code, such as `ENOSPC`, where an image cannot be read or written. */
  readonly systemCode: string | undefined

  constructor(code: PdqErrorCode, message: string, options?: ErrorOptions & { readonly systemCode?: string }) {
    super(message, options)
    this.code = code
    this.systemCode = options?.systemCode
  }
}

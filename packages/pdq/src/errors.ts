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

/** Thrown by every function of `@nightlight/pdq`, and by nothing else. */
export class PdqError extends Error {
  override name = "PdqError"
  readonly code: PdqErrorCode

  constructor(code: PdqErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

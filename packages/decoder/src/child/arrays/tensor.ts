/** Type of an array's elements: kind of number, size in bytes, byte order. */
export interface ElementType {
  /** `b` booleans, `u` and `i` integers, `f` floating point, `h` bfloat16, `x` numbers that are not used. */
  readonly kind: "b" | "u" | "i" | "f" | "h" | "x"
  readonly bytes: 1 | 2 | 4 | 8 | 16 | 32
  readonly isBigEndian: boolean
}

/** An array of numbers within a file. */
export interface Tensor {
  readonly element: ElementType
  readonly shape: readonly number[]
  /** Whether the first index varies fastest. */
  readonly isFortran: boolean
  /** Start and end of its bytes in the file. */
  readonly start: number
  readonly end: number
}

/** Bytes of an array with this shape; `undefined` where that is not a possible file size. */
export function sizeOf(shape: readonly number[], elementBytes: number): number | undefined {
  let bytes = elementBytes
  for (const side of shape) bytes *= side
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** What an element of an array is: kind of number, size in bytes, order of its bytes. */
export interface ElementType {
  /** `b` truth values, `u` and `i` whole numbers, `f` fractions, `h` bfloat16, `x` numbers that are not looked at. */
  readonly kind: "b" | "u" | "i" | "f" | "h" | "x"
  readonly bytes: 1 | 2 | 4 | 8 | 16 | 32
  readonly isBigEndian: boolean
}

/** An array of numbers within a file. */
export interface Tensor {
  readonly element: ElementType
  readonly shape: readonly number[]
  /** Whether the first index moves fastest. */
  readonly isFortran: boolean
  /** Where its bytes begin and end in the file. */
  readonly start: number
  readonly end: number
}

/** How many bytes elements of a shape take; `undefined` where that is no size of a file. */
export function sizeOf(shape: readonly number[], elementBytes: number): number | undefined {
  let bytes = elementBytes
  for (const side of shape) bytes *= side
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

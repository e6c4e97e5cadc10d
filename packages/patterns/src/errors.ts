/** Why a phrase or pattern is not accepted. */
export type PatternFault =
  /** Not a valid pattern: an open group, a quantifier with nothing before it. */
  | "syntax"
  /** Look-around, back references, anchors, named groups, flags. */
  | "unsupported"
  /** A repetition without an upper bound: a stream would be held back until its end. */
  | "unbounded"
  /** Expanded, it has too many positions or matches too long a text. */
  | "too_large"
  /** It matches the empty text, and so matches everywhere. */
  | "matches_empty"
  /** A phrase is empty once normalised, or too long. */
  | "length"
  /** There are too many phrases, or they are too long in total. */
  | "too_many"

/** Thrown by every function of `@nightlight/patterns`; its message never repeats a phrase or pattern. */
export class PatternError extends Error {
  override name = "PatternError"
  readonly fault: PatternFault
  /** Position of the rule, and of the phrase or pattern in it, from 0; absent where the error concerns all of them. */
  readonly place: { readonly rule: number; readonly at: number } | undefined

  constructor(fault: PatternFault, message: string, place?: { readonly rule: number; readonly at: number }) {
    super(message)
    this.fault = fault
    this.place = place
  }
}

/** The error for a refused pattern; `at` is the character's position, from 0. */
export function badPattern(fault: PatternFault, at?: number): PatternError {
  const where = at === undefined ? "" : ` at character ${at + 1}`
  return new PatternError(fault, `the pattern is not usable: ${fault}${where}`)
}

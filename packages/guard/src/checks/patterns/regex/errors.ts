import { compact, RequestError } from "@nightlight/core"

/** Why a pattern is not taken. */
export type PatternFault =
  /** Not a pattern at all: an open group, a quantifier with nothing before it. */
  | "syntax"
  /** Look-around, back references, anchors, named groups, flags. */
  | "unsupported"
  /** A repetition without an upper bound: a stream would be held until its end. */
  | "unbounded"
  /** Written out, it has too many positions, or matches something too long. */
  | "too_large"
  /** It matches nothing at all, that is, everywhere. */
  | "matches_empty"

/** A pattern that is not taken; the message repeats nothing of it. */
export function badPattern(fault: PatternFault, at?: number): RequestError {
  const place = at === undefined ? "" : ` at character ${at + 1}`
  return new RequestError("config_invalid", `the pattern is not usable: ${fault}${place}`, {
    details: compact({ fault, at }),
    hint: "docs/guides/guard-checks.md says which patterns are taken.",
  })
}

/** Why a value is refused. */
export type ProblemCode =
  | "required"
  | "type"
  | "unknown_member"
  | "not_in_version"
  | "choice"
  | "too_many"
  | "blank"
  | "too_long"
  | "not_listed"
  | "malformed"
  | "out_of_range"
  | "zone_missing"
  | "in_future"
  | "order_of_times"
  | "rule"

/** One problem of a document. */
export interface Problem {
  /** Where, such as `personOrUserReported[0].ipCaptureEvent[1].ipAddress`; empty for the document itself. */
  readonly path: string
  readonly code: ProblemCode
  /** For people; contains names of fields, limits and counts, never a value. */
  readonly message: string
}

/** Circumstances of a check, besides the value. */
export interface CheckContext {
  /** The instant up to which times count as past. */
  readonly now: Date
  /** Whether file details belong to a batched report. */
  readonly batched: boolean
  /** Records a problem at a path below the value that is being checked. */
  readonly report: (path: string, code: ProblemCode, message: string) => void
}

/** A rule that a schema alone cannot express; its paths are relative to the value. */
export type Rule<Value> = (value: Value, context: CheckContext) => void

/** Joins a path and the name of a member. */
export function memberPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`
}

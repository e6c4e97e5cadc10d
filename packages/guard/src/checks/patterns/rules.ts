import type { Decision } from "@nightlight/core"

/** One rule of an operator's list: what it looks for and what a find leads to. */
export interface PatternRule {
  /** Unique within a check; stands in signals, findings and metrics. */
  readonly name: string
  /** The operator's name for what it finds. */
  readonly category?: string
  readonly decision: Decision
  /** Recorded and counted, and changes nothing. */
  readonly shadow?: boolean
  readonly phrases: readonly string[]
  /** Patterns as `regex/parse.ts` reads them. */
  readonly patterns?: readonly string[]
  /** Whether a find begins and ends where words do; true unless given. Scripts without spaces have no such places. */
  readonly words?: boolean
  /** Whether phrases are also found spaced, cut up by punctuation, or with digits and signs for letters; true unless given. */
  readonly loose?: boolean
}

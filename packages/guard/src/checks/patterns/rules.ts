import type { Decision } from "@nightlight/core"
import type { Rule } from "@nightlight/patterns"

/** One rule of an operator's list: what it looks for, and the decision of a match. */
export interface PatternRule extends Rule {
  /** Unique within a check; named in signals, findings and metrics. */
  readonly name: string
  /** The operator's name for what it finds. */
  readonly category?: string
  readonly decision: Decision
  /** The match is recorded and counted, and changes nothing. */
  readonly shadow?: boolean
}

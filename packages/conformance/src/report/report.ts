import type { CaseResult } from "../case/case.ts"
import type { SuiteFacts, TargetFacts } from "./artifacts.ts"
import type { Finding } from "./findings.ts"

/** Result of a run. */
export interface ConformanceReport {
  readonly suite: SuiteFacts
  readonly target: TargetFacts
  /** Statuses that the caller declared to be blocks. */
  readonly blocksWith: readonly number[]
  readonly leaked: number
  readonly stoppedOtherwise: number
  /** Number of sound cases, including closed ones. */
  readonly sound: number
  readonly closed: number
  /** Number of cases that could not be judged, because harmless traffic did not work. */
  readonly broken: number
  readonly untested: number
  /** Endpoints, whole or streamed, whose harmless control failed. */
  readonly brokenFamilies: readonly string[]
  readonly findings: readonly Finding[]
  readonly cases: readonly CaseResult[]
  /** Descriptions of what was not tested. */
  readonly notTested: readonly string[]
  /** ISO 8601. */
  readonly at: string
}

/** Whether there are no findings and every case could be judged. */
export function isSoundReport({ leaked, stoppedOtherwise, broken, findings }: ConformanceReport): boolean {
  return leaked + stoppedOtherwise + broken === 0 && findings.length === 0
}

import type { CaseResult } from "../case/case.ts"
import type { SuiteFacts, TargetFacts } from "./artifacts.ts"
import type { Finding } from "./findings.ts"

/** What came of a run. */
export interface ConformanceReport {
  readonly suite: SuiteFacts
  readonly target: TargetFacts
  /** Statuses that were taken for a block by the caller's word. */
  readonly blocksWith: readonly number[]
  readonly leaked: number
  readonly stoppedOtherwise: number
  /** Those where nothing gets through, harmless or not, among them. */
  readonly sound: number
  readonly closed: number
  /** Neither good nor bad: harmless traffic did not work. */
  readonly broken: number
  readonly untested: number
  /** Endpoints, whole or streamed, whose harmless control failed. */
  readonly brokenFamilies: readonly string[]
  readonly findings: readonly Finding[]
  readonly cases: readonly CaseResult[]
  /** What was not tested, in words. */
  readonly notTested: readonly string[]
  /** ISO 8601. */
  readonly at: string
}

/** Whether nothing was found, and everything that was tried worked. */
export function isSoundReport({ leaked, stoppedOtherwise, broken, findings }: ConformanceReport): boolean {
  return leaked + stoppedOtherwise + broken === 0 && findings.length === 0
}

export {
  CASE_OUTCOMES,
  type CaseFacts,
  type CaseOutcome,
  type CaseResult,
  CONFORMANCE_ENDPOINTS,
  type ConformanceEndpoint,
} from "./case/case.ts"
export { CONFORMANCE_MARKER, MARKED_FILES } from "./case/markers.ts"
export { PROBLEMS, type Problem, type ProblemKind } from "./case/problems.ts"
export { type MockPlace, type MockUpstream, startMockUpstream } from "./mock/mock-upstream.ts"
export type { Finding, Reproduction } from "./report/findings.ts"
export { renderConformancePage } from "./report/page.ts"
export { type ConformanceReport, isSoundReport } from "./report/report.ts"
export { type LocalGuard, runLocalConformance, type StartLocalGuard } from "./run/local-guard.ts"
export { answerOfCase } from "./run/rehearse.ts"
export { type ConformanceOptions, runConformance } from "./run/run.ts"

export {
  CASE_OUTCOMES,
  type CaseFacts,
  type CaseOutcome,
  type CaseResult,
  CONFORMANCE_ENDPOINTS,
  type ConformanceEndpoint,
} from "./case.ts"
export { CONFORMANCE_MARKER, MARKED_FILES } from "./markers.ts"
export { type MockPlace, type MockUpstream, startMockUpstream } from "./mock/mock-upstream.ts"
export { PROBLEMS, type Problem, type ProblemKind } from "./problems.ts"
export { answerOfCase } from "./rehearse.ts"
export type { Finding, Reproduction } from "./report/findings.ts"
export { renderConformancePage } from "./report/page.ts"
export { type ConformanceOptions, type ConformanceReport, isSoundReport, runConformance } from "./run.ts"

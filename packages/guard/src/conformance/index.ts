export {
  type CaseFacts,
  type CaseOutcome,
  type CaseResult,
  CONFORMANCE_ENDPOINTS,
  type ConformanceEndpoint,
} from "./case.ts"
export { CONFORMANCE_MARKER } from "./markers.ts"
export { type MockPlace, type MockUpstream, startMockUpstream } from "./mock/mock-upstream.ts"
export { PROBLEMS, type Problem } from "./problems.ts"
export { renderConformancePage } from "./report/page.ts"
export { type ConformanceOptions, type ConformanceReport, runConformance } from "./run.ts"

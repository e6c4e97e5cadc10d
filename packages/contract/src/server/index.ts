export {
  EvidenceAnswer,
  FINDING_FAULTS,
  FindingLine,
  IntakeCounts,
  IntakeList,
  IntakeQuery,
  MAX_FINDING_LINE_BYTES,
  MAX_FINDING_LINES,
  PUSHED_FINDING_FORMAT,
  PushAnswer,
  PushedFinding,
  RECEIVED_STATES,
  ReceivedFindings,
  ReceivedQuery,
} from "./intake.ts"
export {
  AccountClaim,
  IdempotencyKey,
  MAX_SCREEN_BASE64,
  MAX_SCREEN_BYTES,
  MAX_SCREEN_TEXT,
  ScreenAnswer,
  ScreenBody,
} from "./screen.ts"
export { EnrolSourceBody, OwnSource, SourceDocument, SourceId, SourceList } from "./sources.ts"

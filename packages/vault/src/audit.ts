export {
  type Checkpoint,
  type CheckpointFile,
  checkpointsPath,
  parseCheckpoint,
  readCheckpoints,
} from "./audit/checkpoint.ts"
export type { AuditData, AuditEvent, AuditInput } from "./audit/event.ts"
export { type AuditLog, type AuditLogOptions, openAuditLog } from "./audit/log.ts"
export { readAuditEvents } from "./audit/read.ts"
export {
  type AuditProblem,
  type AuditProblemCode,
  type AuditVerification,
  type VerifyAuditOptions,
  verifyAuditLog,
} from "./audit/verify.ts"

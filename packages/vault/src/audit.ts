export {
  appendCheckpoints,
  type Checkpoint,
  type CheckpointClaim,
  type CheckpointFile,
  checkpointsPath,
  copyCheckpoints,
  parseCheckpoint,
  type RestartFacts,
  readCheckpointEnd,
  readCheckpoints,
  toCheckpointLine,
} from "./audit/checkpoint.ts"
export {
  type AuditData,
  type AuditEvent,
  type AuditInput,
  assertInput as assertAuditInput,
  chain as chainAuditEvent,
  GENESIS as AUDIT_GENESIS,
  type ParsedLine as ParsedAuditLine,
  parseLine as parseAuditLine,
  toLine as toAuditLine,
} from "./audit/event.ts"
export { type CheckpointKeys, type Handover, readCheckpointKeys, toHandoverLine } from "./audit/key-chain.ts"
export { readLines } from "./audit/lines.ts"
export { type AuditLog, type AuditLogOptions, openAuditLog } from "./audit/log.ts"
export { type CheckpointPlace, isLaterCheckpoint } from "./audit/place.ts"
export { readAuditEvents } from "./audit/read.ts"
export { type VerifyAuditOptions, verifyAuditLog } from "./audit/verify.ts"
export {
  type AuditProblem,
  type AuditProblemCode,
  type AuditVerification,
  AuditWalk,
  type LoggedRestart,
} from "./audit/walk.ts"

export { type AuditReport, auditWords, verifyAudit } from "./audit/verify.ts"
export { type DatacompRequest, type DatacompResult, exportDatacompLists } from "./datacomp/export-lists.ts"
export type { Check, CheckState } from "./doctor/check.ts"
export { checkMachine } from "./doctor/machine.ts"
export { checkWorkspace } from "./doctor/workspace.ts"
export { drillKeys, type EvidenceReport, listEvidence, verifyEvidence } from "./evidence/check.ts"
export { unlockIdentities } from "./evidence/identities.ts"
export {
  type FindingsOfScan,
  type FindingsRequest,
  type ListedFinding,
  listFindings,
} from "./findings/list-findings.ts"
export { listSkipped, type SkippedFile } from "./findings/list-skipped.ts"
export { type LocatedItem, locateFinding } from "./findings/locate-finding.ts"
export { toJunit } from "./findings/to-junit.ts"
export { toSarif } from "./findings/to-sarif.ts"
export { huntSidecar, type SidecarHit } from "./hunt/hunt-sidecar.ts"
export { type HuntRequest, type HuntResult, type HuntWatcher, runHunt } from "./hunt/run-hunt.ts"
export { acceptedHeaders } from "./keys/accepted-recipients.ts"
export { type RewrapReport, type RewrapWatch, rewrapEvidence } from "./keys/rewrap-evidence.ts"
export {
  type NewRecipient,
  type RotationRequest,
  type RotationResult,
  rotateRecipient,
} from "./keys/rotate-recipient.ts"
export { rotateSigningKey, type SigningRotation } from "./keys/rotate-signing.ts"
export { rotateSourceKey, type SourceRotation, type SourceRotationRequest } from "./keys/rotate-source.ts"
export { type KeysStatus, keysStatus, type RecipientStatus } from "./keys/status.ts"
export { type FalsePositiveReport, recordFalsePositive } from "./lists/false-positives.ts"
export {
  addToWorkspaceList,
  type ImportReport,
  importWorkspaceList,
  type ListChoices,
  listWorkspaceLists,
  removeWorkspaceList,
  showWorkspaceList,
  type WithdrawReport,
  withdrawFromWorkspaceList,
} from "./lists/lists.ts"
export { writeListHashes } from "./lists/write-hashes.ts"
export {
  DEFAULT_DECOYS,
  exportManifest,
  type ManifestRequest,
  type ManifestResult,
} from "./manifest/export-manifest.ts"
export type { ShardsProgress } from "./progress.ts"
export {
  type PurgeProgress,
  type PurgeReport,
  type PurgeRequest,
  type PurgeWatcher,
  runPurge,
} from "./purge/run-purge.ts"
export { readPublicKey, readSecretFile } from "./push/key-files.ts"
export { type PushReport, type PushRequest, type PushWatcher, pushScan } from "./push/push-scan.ts"
export { findFinding, signalsOf } from "./scan/find-finding.ts"
export { previewScan, type ScanPreview } from "./scan/preview-scan.ts"
export type { ScanProgress } from "./scan/progress.ts"
export type { ScanRequest } from "./scan/request.ts"
export { runScan, type ScanResult } from "./scan/run-scan.ts"
export type { ScanWatcher } from "./scan/screen-shards.ts"
export { openSidecarFile, type SidecarFile, sidecarInMemory } from "./sidecar/file.ts"
export { type ColumnDigests, digestColumns, openSidecar, type Sidecar } from "./sidecar/read.ts"
export type { SidecarRow } from "./sidecar/rows.ts"
export { encodeSidecar } from "./sidecar/write.ts"
export { isStoreAddress } from "./stores/address.ts"
export { WorkspaceConfig } from "./workspace/config.ts"
export { type InitAnswers, type InitResult, initWorkspace } from "./workspace/init.ts"
export { type GuardKeeping, guardKeeping } from "./workspace/keeping.ts"
export { openWorkspace } from "./workspace/open.ts"
export { openSourceSigner } from "./workspace/source-key.ts"
export type { Workspace } from "./workspace/workspace.ts"

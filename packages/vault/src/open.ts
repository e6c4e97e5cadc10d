export { type DrillOptions, type DrillResult, drill } from "./evidence/drill.ts"
export { sealedPath } from "./evidence/files.ts"
export type { EvidenceHeader } from "./evidence/header.ts"
export { type OpenedEvidence, type OpenFault, type OpenOptions, openEvidence, unseal } from "./evidence/opening.ts"
export {
  type EvidenceCheck,
  type EvidenceFault,
  type VerifyEvidenceOptions,
  verifyEvidence,
} from "./evidence/verify.ts"
export { generateIdentity, protectIdentity, recipientOf, SCRYPT_WORK_FACTOR, unlockIdentity } from "./keys/identity.ts"

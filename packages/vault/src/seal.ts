export { sealedPath } from "./evidence/files.ts"
export type { EvidenceInput } from "./evidence/put.ts"
export type { ReceivedInput } from "./evidence/receive.ts"
export { type Custody, contentDigest, type EvidenceRow, originOf } from "./evidence/row.ts"
export { seal } from "./evidence/sealing.ts"
export {
  type EvidenceListing,
  type EvidenceStore,
  type EvidenceStoreDeps,
  isWrappedFor,
  openEvidenceStore,
} from "./evidence/store.ts"
export { type KeyedDigest, openKeyedDigest, toKeyedDigest } from "./keys/digest-key.ts"
export { checkHandover } from "./keys/handover.ts"
export { assertRecipient, isRecipient } from "./keys/recipient.ts"
export { openVerifier } from "./keys/signing-chain.ts"
export { toVerifier } from "./keys/verifying-key.ts"
export {
  activeRecipients,
  custodySeparated,
  type Manifest,
  type ManifestRecipient,
  type RecipientRole,
} from "./manifest/manifest.ts"
export { readManifest } from "./manifest/manifest-file.ts"

export { rewrapFile } from "./age/rewrap-header.ts"
export { type DrillOptions, type DrillResult, drill } from "./evidence/drill.ts"
export { sealedPath } from "./evidence/files.ts"
export type { EvidenceHeader } from "./evidence/header.ts"
export { type OpenedEvidence, type OpenFault, type OpenOptions, openEvidence, unseal } from "./evidence/opening.ts"
export type { EvidenceInput } from "./evidence/put.ts"
export type { ReceivedInput } from "./evidence/receive.ts"
export { removeEvidence, sealedDigest } from "./evidence/remove.ts"
export type { HeaderMaker, NewHeader, RewrapOptions, Rewrapped } from "./evidence/rewrap.ts"
export { headersFor, type MeasuredHeader, measureRewrap } from "./evidence/rewrap-headers.ts"
export { type Custody, contentDigest, type EvidenceRow, originOf } from "./evidence/row.ts"
export { seal } from "./evidence/sealing.ts"
export {
  type EvidenceListing,
  type EvidenceStore,
  type EvidenceStoreDeps,
  isWrappedFor,
  openEvidenceStore,
} from "./evidence/store.ts"
export {
  type EvidenceCheck,
  type EvidenceFault,
  type VerifyEvidenceOptions,
  verifyEvidence,
} from "./evidence/verify.ts"
export { sealWhole, unsealWhole } from "./evidence/whole.ts"
export { createDigestKey, type KeyedDigest, openKeyedDigest, toKeyedDigest } from "./keys/digest-key.ts"
export {
  type CheckedHandover,
  checkHandover,
  type HandoverBody,
  type HandoverFormats,
  signHandover,
} from "./keys/handover.ts"
export { generateIdentity, protectIdentity, recipientOf, SCRYPT_WORK_FACTOR, unlockIdentity } from "./keys/identity.ts"
export { readKeyFile } from "./keys/key-file.ts"
export { formatOneTimeCode, newOneTimeCode, normaliseOneTimeCode } from "./keys/one-time-code.ts"
export { assertRecipient, isRecipient } from "./keys/recipient.ts"
export {
  countHandovers,
  openVerifier,
  presentKeyId,
  signatureDigest,
  signatureList,
  signatureListPath,
  toSigningHandover,
} from "./keys/signing-chain.ts"
export { createSigningKey, liveSigner, openSigner, publicKeyOf, publicKeyPath } from "./keys/signing-key.ts"
export { ensureSigningKey, type NamedSigner, resolveTrustedKey, type TrustedKey } from "./keys/trusted-key.ts"
export { toVerifier } from "./keys/verifying-key.ts"
export { describeRecipientChange, recipientsDigest } from "./manifest/accepted-recipients.ts"
export {
  activeRecipients,
  custodySeparated,
  type Manifest,
  type ManifestRecipient,
  type RecipientRole,
} from "./manifest/manifest.ts"
export { type ManifestAuthority, readManifest, writeManifest } from "./manifest/manifest-file.ts"

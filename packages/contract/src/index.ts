export { compact } from "@nightlight/core"
export { Finding } from "./finding.ts"
export { HUNT_FORMAT, HuntItem, HuntReport } from "./hunt.ts"
export { PURGE_FORMAT, PurgeReceipt } from "./purge.ts"
export { RECEIPT_FORMAT, ShardDocument, ShardReceipt } from "./receipt.ts"
export { ScanReport } from "./scan-report.ts"
export {
  DecisionCounts,
  DecisionName,
  KeyId,
  ListCoverage,
  MatchDocument,
  Sha256Hex,
  SignatureHex,
  Timestamp,
} from "./screening.ts"

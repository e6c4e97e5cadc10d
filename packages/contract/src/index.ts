export { Finding } from "./finding.ts"
export { ShardDocument, ShardReceipt } from "./receipt.ts"
export { ScanReport } from "./scan-report.ts"
export {
  DecisionCounts,
  DecisionName,
  ListCoverage,
  MatchDocument,
  Sha256Hex,
  SignatureDocument,
  Timestamp,
} from "./screening.ts"

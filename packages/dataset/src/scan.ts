/**
 * Exports the scan only, so that a command that only scans loads nothing else.
 * @module
 */
export { datasetFormats } from "./containers/index.ts"
export { previewScan, type ScanPreview } from "./scan/preview-scan.ts"
export type { ScanProgress } from "./scan/progress.ts"
export type { ScanRequest } from "./scan/request.ts"
export { runScan, type ScanResult } from "./scan/run-scan.ts"
export type { ScanWatcher } from "./scan/screen-shards.ts"

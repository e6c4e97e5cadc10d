/** Scans as the server answers them, with defaults. */
import type { ScanDetail, SharedScanReport } from "@nightlight/contract/server"
import { idOf } from "./records.ts"

const AT = "2026-03-01T08:00:00.000Z"
const DIGEST = "0".repeat(64)

/** A report of a whole scan without findings. */
export const scanReport = (part: Partial<SharedScanReport> = {}): SharedScanReport => ({
  version: 1,
  tool: "nightlight/0.1.0",
  scan: "s-000001",
  dataset: DIGEST,
  inputs: 1,
  state: "complete",
  startedAt: AT,
  finishedAt: AT,
  activeSeconds: 60,
  screened: true,
  demo: false,
  custody: { mode: "locate", separated: true },
  totals: { shards: 4, samples: 1000, items: 1000, bytes: 5_000_000 },
  decisions: { clear: 1000, review: 0, block: 0, quarantine: 0, inconclusive: 0, unscreened: 0 },
  withheldSamples: 0,
  remaining: 0,
  weakMatches: 0,
  sealed: { withContent: 0, contextOnly: 0 },
  coverage: {
    lists: [],
    indexVersion: 1,
    policy: { name: "default", digest: DIGEST },
    profile: "default",
    kernel: "wasm-simd",
    isolation: "bwrap+seccomp",
  },
  unread: { items: 0, bytes: 0, types: {}, isMost: false },
  causes: {},
  exceptions: {},
  matches: [],
  distances: [],
  transformations: {},
  flooding: [],
  inPlace: { items: 0, test: 0, shards: 0 },
  skipped: {},
  poison: {},
  failed: {},
  timeline: [],
  ...part,
})

/** A scan that was pushed, with its report and none of its findings. */
export const scanDetail = (report: Partial<SharedScanReport> = {}): ScanDetail => ({
  scanId: idOf("scan", 1),
  source: idOf("source", 1),
  receivedAt: AT,
  report: scanReport(report),
  inPlace: { items: 0, test: 0, shards: 0, asOf: AT, reportKind: "scan", complete: true },
  followUps: [],
  findings: { total: 0, byState: { waiting: 0, verified: 0, denied: 0, refused: 0, kept: 0 } },
  caseCount: 0,
})

/**
 * Scans over HTTP: a workspace reports to the server what it screened. Reports contain no path, file name or entry of a
 * list.
 * @module
 */
import { ISOLATIONS } from "@nightlight/core"
import { z } from "zod"
import { ScanReport } from "../scan-report.ts"
import { DecisionCounts, KeyId, Sha256Hex, SignatureHex, Timestamp } from "../screening.ts"
import { CaseIdText } from "./cases.ts"
import { CurrentInPlace, FollowUp } from "./follow-ups.ts"
import { RECEIVED_STATES } from "./intake.ts"
import {
  CodeCounts,
  Count,
  ListName,
  ReportCode,
  ScanNameText,
  SharedInPlace,
  SharedListCoverage,
} from "./shared-report.ts"
import { SourceId } from "./sources.ts"

/** The server's id of a scan: `scan-<uuid>`. */
export const ScanIdText = z.string().regex(/^scan-[0-9a-f-]{36}$/)

/**
 * Maximum number of points of {@link SharedScanReport}'s timeline: shards that were done one after another share a
 * point.
 */
export const MAX_TIMELINE_POINTS = 100

/**
 * A scan's report as it leaves the workspace: every path that an operator typed or a walk found, and every entry of a
 * list, is only a count. The counts describe the state at `finishedAt`.
 */
export const SharedScanReport = z.strictObject({
  ...ScanReport.pick({
    version: true,
    state: true,
    startedAt: true,
    finishedAt: true,
    activeSeconds: true,
    screened: true,
    demo: true,
    custody: true,
    totals: true,
    decisions: true,
    withheldSamples: true,
    remaining: true,
    weakMatches: true,
    sealed: true,
  }).shape,
  tool: ReportCode,
  scan: ScanNameText,
  /**
   * Equal for scans of the same folders and files: a digest under the workspace's key, which reveals nothing about
   * them.
   */
  dataset: Sha256Hex,
  /** Folders, files and brace lists that were named. */
  inputs: Count,
  coverage: z.strictObject({
    lists: z.array(SharedListCoverage).max(1000),
    indexVersion: Count,
    policy: ScanReport.shape.coverage.shape.policy.extend({ name: ReportCode }),
    profile: ReportCode,
    kernel: ReportCode,
    isolation: z.enum(ISOLATIONS),
  }),
  /** See `ScanReport`. */
  unread: ScanReport.shape.unread.extend({ types: CodeCounts }),
  /** Causes of `inconclusive`. */
  causes: CodeCounts,
  /** Items cleared without screening, by the media type that the policy names. */
  exceptions: CodeCounts,
  /** Items by list and type of hash that matched them. */
  matches: z.array(ScanReport.shape.matches.element.extend({ list: ListName })).max(4000),
  /** PDQ matches by distance in bits: position 0 holds distance 0. */
  distances: z.array(Count).max(257),
  /** PDQ matches by how the copy differs from the listed picture. */
  transformations: CodeCounts,
  /** How many entries of each list matched more than 20 distinct items. */
  flooding: z.array(z.strictObject({ list: ListName, entries: z.int().positive() })).max(1000),
  /** Known items still in the source at `finishedAt`, and in how many shards; `test` counts test cards, not among `items`. */
  inPlace: SharedInPlace,
  /** Present if a clean copy was written; `stale`: files beside the shards that were left out of it. */
  clean: z
    .strictObject({ samplesDropped: Count, keyCollisions: Count, itemsWritten: Count, bytes: Count, stale: Count })
    .exactOptional(),
  /** Files that were not read, by reason. */
  skipped: CodeCounts,
  /** Shards that no run could read, by code. */
  poison: CodeCounts,
  /** Shards that could not be screened this time, by code. */
  failed: CodeCounts,
  timeline: z
    .array(z.strictObject({ finishedAt: Timestamp, seconds: z.number().nonnegative(), items: Count }))
    .max(MAX_TIMELINE_POINTS),
})
export type SharedScanReport = z.infer<typeof SharedScanReport>

/** Name and version of a pushed scan's form. */
export const PUSHED_SCAN_FORMAT = "nightlight-pushed-scan/1"

/** `PUT /v1/scans/:scan` body, `:scan` being the source's own name: signed by the source's key for this server's name of it. */
export const PushedScan = z.strictObject({
  format: z.literal(PUSHED_SCAN_FORMAT),
  source: SourceId,
  report: SharedScanReport,
  keyId: KeyId,
  signature: SignatureHex,
})
export type PushedScan = z.infer<typeof PushedScan>

/** `PUT /v1/scans/:scan` answer. */
export const PushedScanAnswer = z.strictObject({
  /** The server's id, for `GET /v1/scans/:scan`. */
  scanId: ScanIdText,
  /**
   * `replaced`: it finished later than the stored one; `known`: it was stored before; `older`: a newer one is stored
   * and stays.
   */
  status: z.enum(["accepted", "replaced", "known", "older"]),
})
export type PushedScanAnswer = z.infer<typeof PushedScanAnswer>

/** `GET /v1/scans` query. */
export const ScanListQuery = z.strictObject({
  source: SourceId.exactOptional(),
  /** `scanId` of the last scan of the page before. */
  after: ScanIdText.exactOptional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** A scan in a list. */
export const ScanSummary = z.strictObject({
  scanId: ScanIdText,
  source: SourceId,
  /** The operator's own name for the source; only for people who may see sources. */
  sourceName: z.string().exactOptional(),
  /** The source's own name of the scan. */
  scan: ScanNameText,
  /** `complete`, `stopped` for a person, or `partial`: a shard could not be screened. */
  state: ScanReport.shape.state,
  startedAt: Timestamp,
  finishedAt: Timestamp,
  receivedAt: Timestamp,
  /** False if there were no lists but test lists to check with. */
  screened: z.boolean(),
  demo: z.boolean(),
  totals: ScanReport.shape.totals,
  decisions: DecisionCounts,
  withheldSamples: Count,
  /** The lists that it was screened against, and their age. */
  lists: z.array(SharedListCoverage),
  indexVersion: Count,
  /** Of the scan's dataset, by the latest scan, hunt or purge of it that was reported to this server. */
  inPlace: CurrentInPlace,
  sealed: ScanReport.shape.sealed,
  /** Shards that were not screened: damaged for good, or failed this time. */
  unscreenedShards: Count,
})
export type ScanSummary = z.infer<typeof ScanSummary>

/** `GET /v1/scans` answer, last finished first. */
export const ScanList = z.strictObject({ scans: z.array(ScanSummary), next: ScanIdText.exactOptional() })

/** Maximum number of cases in {@link ScanDetail}. */
export const MAX_SCAN_CASES = 200
/** Maximum number of hunts and purges in {@link ScanDetail}. */
export const MAX_SCAN_FOLLOW_UPS = 50

/** `GET /v1/scans/:scan` answer: the whole report, and the state of its findings. */
export const ScanDetail = z.strictObject({
  ...ScanSummary.pick({ scanId: true, source: true, sourceName: true, receivedAt: true }).shape,
  report: SharedScanReport,
  /** Of the scan's dataset, by the latest scan, hunt or purge of it that was reported to this server. */
  inPlace: CurrentInPlace,
  /** Hunts and purges of the scan's dataset, last first. */
  followUps: z.array(FollowUp).max(MAX_SCAN_FOLLOW_UPS),
  /** Findings of the scan that were received, by state; see `GET /v1/intake`. */
  findings: z.strictObject({ total: Count, byState: z.record(z.enum(RECEIVED_STATES), Count) }),
  /** Cases with one of them. People who may not read cases see only the count. */
  caseCount: Count,
  cases: z.array(CaseIdText).max(MAX_SCAN_CASES).exactOptional(),
})
export type ScanDetail = z.infer<typeof ScanDetail>

/**
 * Lists the findings of a scan: places by number, decisions and matches, never a name.
 * @module
 */
import type { Finding, ScanReport, ShardReceipt } from "@nightlight/contract"
import { compact, compileGlobs, type Decision, inert, RequestError } from "@nightlight/core"
import { INCONCLUSIVE_CAUSES } from "@nightlight/screening"
import { readReceipts } from "../scan/finish-shard.ts"
import { readReport } from "../scan/finished-scan.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import { readScanRecords } from "../scan/scan-records.ts"
import { type KeptFinding, readKeptFindings } from "../scan/superseded.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** Which findings to list. */
export interface FindingsRequest {
  /** A scan's name; the newest scan where absent. */
  readonly scan?: string
  readonly decisions?: readonly Decision[]
  /** Globs of shard paths, as `compileGlobs` takes them. */
  readonly shards?: readonly string[]
  readonly lists?: readonly string[]
  readonly causes?: readonly string[]
}

/** One finding as it is listed. */
export interface ListedFinding {
  readonly id: string
  readonly scan: string
  /** Path of the shard; of separate files a label. */
  readonly shard: string
  /** Position of the item among all of the shard's, from 0. */
  readonly ordinal: number
  /** Position of its sample, from 0. */
  readonly sample: number
  /** 0 for the shard's own member, more for a member of a nested archive. */
  readonly depth: number
  readonly decision: Decision
  readonly rule: string
  /** Why it could not be screened. */
  readonly cause?: string
  readonly mediaType: string
  readonly sizeBytes: number
  /** The strongest first: digests, then PDQ by distance, then addresses. */
  readonly matches: readonly ListedMatch[]
  /** Present where the shard was replaced or removed since. */
  readonly superseded?: true
  readonly foundAt: string
}

/** A match of a finding. */
export interface ListedMatch {
  readonly list: string
  readonly hashType: string
  readonly distanceBits: number
}

/** The findings of one scan, and what they were found in. */
export interface FindingsOfScan {
  readonly record: ScanRecord
  /** Of the shards that are done, by path. */
  readonly receipts: readonly ShardReceipt[]
  /** Absent before the end of a first run. */
  readonly report?: ScanReport
  /** By shard and ordinal; those of superseded shards last. */
  readonly findings: readonly ListedFinding[]
}

/**
 * Lists findings.
 *
 * @throws {RequestError} `not_found` if there is no such scan, or none at all; `input_invalid` for a glob or a cause that is none.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export function listFindings(workspace: Workspace, request: FindingsRequest): FindingsOfScan {
  const record = findRecord(workspace, request.scan)
  const folder = scanFolder(workspace.layout.scans, record.scan)
  const isWanted = filterOf(request)
  return {
    record,
    receipts: [...readReceipts(folder, workspace.verifier).values()],
    ...compact({ report: readReport(folder) }),
    findings: readKeptFindings(folder, workspace.verifier).map(toListed).filter(isWanted),
  }
}

/**
 * Finds the record of a scan; of the newest where none is named.
 *
 * @throws {RequestError} `not_found`.
 */
export function findRecord({ layout }: Workspace, scan: string | undefined): ScanRecord {
  const records = readScanRecords(layout.scans)
  const record = scan === undefined ? records.at(-1) : records.find((candidate) => candidate.scan === scan)
  if (record !== undefined) return record
  if (scan === undefined) throw new RequestError("not_found", "nothing was scanned yet")
  throw new RequestError("not_found", "there is no such scan in this workspace", {
    hint: "Scans are named as their summary names them, such as s-000001.",
  })
}

function filterOf({ decisions, shards, lists, causes }: FindingsRequest): (finding: ListedFinding) => boolean {
  const unknown = causes?.find((cause) => !INCONCLUSIVE_CAUSES.some((known) => known === cause))
  if (unknown !== undefined) {
    throw new RequestError("input_invalid", `there is no cause ${inert(unknown)}`, {
      hint: `Causes: ${INCONCLUSIVE_CAUSES.join(", ")}.`,
    })
  }
  const isShard = shards === undefined ? () => true : compileGlobs(shards)
  return ({ decision, shard, cause, matches }) =>
    (decisions === undefined || decisions.includes(decision)) &&
    isShard(shard) &&
    (lists === undefined || matches.some(({ list }) => lists.includes(list))) &&
    (causes === undefined || (cause !== undefined && causes.includes(cause)))
}

function toListed({ finding, receipt, isSuperseded }: KeptFinding): ListedFinding {
  const { id, scan, ordinal, sample, depth, decision, rule, cause, mediaType, sizeBytes, foundAt } = finding
  return compact({
    id,
    scan,
    shard: receipt.shard.path,
    ordinal,
    sample,
    depth,
    decision: decision as Decision,
    rule,
    cause,
    mediaType,
    sizeBytes,
    matches: matchesOf(finding),
    superseded: isSuperseded ? (true as const) : undefined,
    foundAt,
  })
}

function matchesOf({ matches }: Finding): readonly ListedMatch[] {
  const rank = (hashType: string) => ["sha256", "sha1", "md5", "pdq", "url"].indexOf(hashType)
  return matches
    .map(({ list, hashType, distanceBits }) => ({ list, hashType, distanceBits }))
    .toSorted((a, b) => rank(a.hashType) - rank(b.hashType) || a.distanceBits - b.distanceBits)
}

/**
 * Selects the items of a scan or a hunt that may be removed.
 * @module
 */
import type { Finding } from "@nightlight/contract"
import { RequestError } from "@nightlight/core"
import { readHunt } from "../hunt/read-hunt.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import { readScanRecords } from "../scan/scan-records.ts"
import { readKeptFindings } from "../scan/superseded.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** A known item by its keyed digest, with the place where it was seen and its sealed copy, if any. */
export interface KnownItem {
  /** Keyed digest of its SHA-256, as findings have it. */
  readonly itemDigest: string
  /** Path of the shard it was found in, relative to the dataset's root. */
  readonly shard: string
  readonly evidenceId: string | undefined
}

/** Known items of one dataset. */
export interface KnownItems {
  readonly record: ScanRecord
  readonly items: readonly KnownItem[]
  /** Review-only matches that were not included, and items that could not be read. */
  readonly undecided: number
}

/**
 * Collects the items of a scan, or of a hunt over one dataset, that match a real list.
 *
 * @param name - `s-000001` or `h-000001`.
 * @param includeReview - also review-only matches: PDQ and MD5 matches, and matches of unverified lists.
 * @throws {RequestError} `not_found` if there is no such scan or hunt; `input_invalid` if a hunt found items in several
 * datasets.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export function knownItems(workspace: Workspace, name: string, includeReview: boolean): KnownItems {
  const { record, items: found } = name.startsWith("h-") ? ofHunt(workspace, name) : ofScan(workspace, name)
  const known = found.filter(({ matches }) => matches.some(({ trust }) => trust !== "test"))
  const chosen = known.filter(({ decision }) => includeReview || decision === "quarantine" || decision === "block")
  // An unreadable item has no digest to find it by, and stays too.
  const items = chosen.flatMap(({ itemDigest, shard, evidenceId }) =>
    itemDigest === undefined ? [] : [{ itemDigest, shard, evidenceId }],
  )
  return { record, items, undecided: known.length - items.length }
}

interface Found extends Pick<Finding, "matches" | "decision" | "itemDigest"> {
  readonly shard: string
  readonly evidenceId: string | undefined
}

interface FoundInDataset {
  readonly record: ScanRecord
  readonly items: readonly Found[]
}

function ofScan(workspace: Workspace, scan: string): FoundInDataset {
  const folder = scanFolder(workspace.layout.scans, scan)
  const record = recordOf(workspace, scan)
  // What was in a shard that was replaced since may still be in another copy.
  const items = readKeptFindings(folder, workspace.verifier).map(({ finding, receipt }) => ({
    ...finding,
    shard: receipt.shard.path,
    evidenceId: finding.evidence?.id,
  }))
  return { record, items }
}

function ofHunt(workspace: Workspace, hunt: string): FoundInDataset {
  const items = readHunt(workspace, hunt).items.map((item) => ({
    ...item,
    shard: item.shardPath,
    evidenceId: undefined,
  }))
  const records = [...new Set(items.map((item) => item.scan))].map((scan) => recordOf(workspace, scan))
  const [record] = records
  if (record === undefined) throw new RequestError("not_found", `the hunt ${hunt} found nothing to purge`)
  if (records.some(({ root }) => root !== record.root)) {
    throw new RequestError("input_invalid", "this hunt found items in several datasets", {
      hint: "Hunt through one scan at a time: nightlight hunt s-000001 --again, and purge what that found.",
    })
  }
  return { record, items }
}

function recordOf(workspace: Workspace, scan: string): ScanRecord {
  const record = readScanRecords(workspace.layout.scans).find((candidate) => candidate.scan === scan)
  if (record !== undefined) return record
  throw new RequestError("not_found", "there is no such scan in this workspace", {
    hint: "Scans are named as their summary names them, such as s-000001; hunts h-000001.",
  })
}

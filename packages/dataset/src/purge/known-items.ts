/**
 * Selects the items of a scan or a hunt that may be removed.
 * @module
 */
import type { Finding, ShardReceipt } from "@nightlight/contract"
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
  /** Lists with an address or a digest that the item's own row or metadata states, as they were. */
  readonly stated: readonly ListSnapshot[]
}

/** A list in one of its versions. */
export interface ListSnapshot {
  readonly list: string
  readonly snapshot: number
}

/** Known items of one dataset. */
export interface KnownItems {
  readonly record: ScanRecord
  readonly items: readonly KnownItem[]
  /** Review-only matches that were not included, and items that could not be read. */
  readonly undecided: number
  /** Where something was found, by the shard's path; empty for a hunt. */
  readonly places: ReadonlyMap<string, FoundPlaces>
}

/** Where a scan found something in a shard. */
export interface FoundPlaces {
  /** Of the shard as it was screened. */
  readonly listingDigest: string
  /** Ordinals of all samples with a finding. */
  readonly samples: ReadonlySet<number>
  /** Keyed digests of the known items. */
  readonly known: ReadonlySet<string>
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
  const { record, items: found, receipts } = name.startsWith("h-") ? ofHunt(workspace, name) : ofScan(workspace, name)
  const known = found.filter(({ matches }) => matches.some(({ trust }) => trust !== "test"))
  const chosen = known.filter(({ decision }) => includeReview || decision === "quarantine" || decision === "block")
  // An unreadable item has no digest to find it by, and stays too.
  const items = chosen.flatMap(({ itemDigest, shard, evidenceId, matches }) => {
    const stated = listsStating(matches)
    return itemDigest === undefined ? [] : [{ itemDigest, shard, evidenceId, stated }]
  })
  return { record, items, undecided: known.length - items.length, places: placesOf(found, items, receipts) }
}

/** Lists that have an address or a digest which the item's own row or metadata states. */
export function listsStating(matches: Finding["matches"]): readonly ListSnapshot[] {
  return matches.flatMap(({ declared, list, snapshot }) => (declared === true ? [{ list, snapshot }] : []))
}

function placesOf(
  found: readonly Found[],
  items: readonly KnownItem[],
  receipts: ReadonlyMap<string, ShardReceipt>,
): ReadonlyMap<string, FoundPlaces> {
  const knownBy = Map.groupBy(items, ({ shard }) => shard)
  const places = new Map<string, FoundPlaces>()
  for (const [path, own] of Map.groupBy(found, ({ shard }) => shard)) {
    const receipt = receipts.get(path)
    // Of a shard that was set aside, only a part was looked at.
    if (receipt === undefined || receipt.poison !== undefined) continue
    const samples = new Set(own.flatMap(({ sample }) => sample ?? []))
    const known = new Set((knownBy.get(path) ?? []).map(({ itemDigest }) => itemDigest))
    places.set(path, { listingDigest: receipt.shard.listingDigest, samples, known })
  }
  return places
}

interface Found extends Pick<Finding, "matches" | "decision" | "itemDigest"> {
  readonly shard: string
  readonly evidenceId: string | undefined
  /** Ordinal of its sample in the shard as it is in its receipt; undefined where that is not known. */
  readonly sample: number | undefined
}

interface FoundInDataset {
  readonly record: ScanRecord
  readonly items: readonly Found[]
  /** Of shards as they were last screened, by path. */
  readonly receipts: ReadonlyMap<string, ShardReceipt>
}

function ofScan(workspace: Workspace, scan: string): FoundInDataset {
  const folder = scanFolder(workspace.layout.scans, scan)
  const record = recordOf(workspace, scan)
  // What was in a shard that was replaced since may still be in another copy.
  const receipts = new Map<string, ShardReceipt>()
  const items = readKeptFindings(folder, workspace.verifier).map(({ finding, receipt, isSuperseded }) => {
    const { path } = receipt.shard
    if (!isSuperseded) receipts.set(path, receipt)
    const sample = isSuperseded ? undefined : finding.sample
    return { ...finding, shard: path, evidenceId: finding.evidence?.id, sample }
  })
  return { record, items, receipts }
}

function ofHunt(workspace: Workspace, hunt: string): FoundInDataset {
  const items = readHunt(workspace, hunt).items.map((item) => ({
    ...item,
    shard: item.shardPath,
    evidenceId: undefined,
    sample: undefined,
  }))
  const records = [...new Set(items.map((item) => item.scan))].map((scan) => recordOf(workspace, scan))
  const [record] = records
  if (record === undefined) throw new RequestError("not_found", `the hunt ${hunt} found nothing to purge`)
  if (records.some(({ root }) => root !== record.root)) {
    throw new RequestError("input_invalid", "this hunt found items in several datasets", {
      hint: "Hunt through one scan at a time: nightlight hunt s-000001 --again, and purge what that found.",
    })
  }
  return { record, items, receipts: new Map() }
}

function recordOf(workspace: Workspace, scan: string): ScanRecord {
  const record = readScanRecords(workspace.layout.scans).find((candidate) => candidate.scan === scan)
  if (record !== undefined) return record
  throw new RequestError("not_found", "there is no such scan in this workspace", {
    hint: "Scans are named as their summary names them, such as s-000001; hunts h-000001.",
  })
}

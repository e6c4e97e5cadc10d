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

/** A known item by its keyed digest, with the place where it was seen and the evidence of it. */
export interface KnownItem {
  /** Keyed digest of its SHA-256, as findings have it. */
  readonly itemDigest: string
  /** Path of the shard it was found in, relative to the dataset's root. */
  readonly shard: string
  /** Of every version of the shard that it was found in; sealed with its content or without. */
  readonly evidenceIds: readonly string[]
  /** Lists with an address or a digest that the item's own row or metadata states, as they were. */
  readonly stated: readonly ListSnapshot[]
  /** Whether it matched by nothing else. */
  readonly isStatedOnly: boolean
  /** Ordinal of its sample in the shard as it was last screened; undefined where that is not known. */
  readonly sample: number | undefined
}

/** A list in one of its versions. */
export interface ListSnapshot {
  readonly list: string
  readonly snapshot: number
}

/** Known items of one dataset. */
export interface KnownItems {
  readonly record: ScanRecord
  /** The scans in which the items were found. */
  readonly screenings: readonly ScanRecord[]
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
  /** Ordinals of the samples with known items. */
  readonly knownSamples: ReadonlySet<number>
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
  const { records, items: found, receipts } = name.startsWith("h-") ? ofHunt(workspace, name) : ofScan(workspace, name)
  const known = found.filter(({ matches }) => matches.some(({ trust }) => trust !== "test"))
  const isChosen = ({ decision }: Found) => includeReview || decision === "quarantine" || decision === "block"
  const chosen = Map.groupBy(known.filter(isChosen), ({ place }) => place)
  // An unreadable item has no digest to find it by, and stays too.
  const items = [...chosen.values()].flatMap(itemOf)
  const undecided = new Set(known.map(({ place }) => place)).size - items.length
  const [record] = records
  return { record, screenings: records, items, undecided, places: placesOf(found, items, receipts) }
}

/** An item by what was found of it at one place: in the shard as it is, and in earlier versions of it. */
function itemOf(versions: readonly Found[]): readonly KnownItem[] {
  const [first] = versions
  if (first?.itemDigest === undefined) return []
  const evidenceIds = versions.flatMap(({ evidenceId }) => evidenceId ?? [])
  const matches = versions.flatMap((version) => version.matches)
  const stated = listsStating(matches)
  const isStatedOnly = stated.length === matches.length
  const { itemDigest, shard, sample } = first
  return [{ itemDigest, shard, evidenceIds, stated, isStatedOnly, sample }]
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
    const ownKnown = knownBy.get(path) ?? []
    const known = new Set(ownKnown.map(({ itemDigest }) => itemDigest))
    const knownSamples = new Set(ownKnown.flatMap(({ sample }) => sample ?? []))
    places.set(path, { listingDigest: receipt.shard.listingDigest, samples, knownSamples, known })
  }
  return places
}

interface Found extends Pick<Finding, "matches" | "decision" | "itemDigest"> {
  readonly shard: string
  readonly evidenceId: string | undefined
  /** Tells places apart; the same for what was found in several versions of a shard. */
  readonly place: string
  /** Ordinal of its sample in the shard as it is in its receipt; undefined where that is not known. */
  readonly sample: number | undefined
}

interface FoundInDataset {
  /** Of scans with the same root. */
  readonly records: readonly [ScanRecord, ...ScanRecord[]]
  readonly items: readonly Found[]
  /** Of shards as they were last screened, by path. */
  readonly receipts: ReadonlyMap<string, ShardReceipt>
}

function ofScan(workspace: Workspace, scan: string): FoundInDataset {
  const folder = scanFolder(workspace.layout.scans, scan)
  const record = recordOf(workspace, scan)
  // What was in a shard that was replaced since may still be in another copy.
  const receipts = new Map<string, ShardReceipt>()
  const placeOf = placesOverVersions()
  const items = readKeptFindings(folder, workspace.verifier).map(({ finding, receipt, isSuperseded }) => {
    const { path } = receipt.shard
    if (!isSuperseded) receipts.set(path, receipt)
    const sample = isSuperseded ? undefined : finding.sample
    return { ...finding, shard: path, evidenceId: finding.evidence?.id, sample, place: placeOf(finding, receipt) }
  })
  return { records: [record], items, receipts }
}

/**
 * Names the place of a finding by its shard's path and its content, and counts the same content within one version of
 * the shard: its position is another where samples before it were added or removed.
 */
function placesOverVersions(): (finding: Finding, receipt: ShardReceipt) => string {
  const counts = new Map<string, number>()
  return ({ itemDigest, ordinal }, { shard }) => {
    if (itemDigest === undefined) return JSON.stringify([shard.path, shard.listingDigest, ordinal])
    const inVersion = JSON.stringify([shard.path, shard.listingDigest, itemDigest])
    const before = counts.get(inVersion) ?? 0
    counts.set(inVersion, before + 1)
    return JSON.stringify([shard.path, itemDigest, before])
  }
}

function ofHunt(workspace: Workspace, hunt: string): FoundInDataset {
  const items = readHunt(workspace, hunt).items.map((item, place) => ({
    ...item,
    shard: item.shardPath,
    evidenceId: undefined,
    sample: undefined,
    place: `${place}`,
  }))
  const records = [...new Set(items.map((item) => item.scan))].map((scan) => recordOf(workspace, scan))
  const [record, ...others] = records
  if (record === undefined) throw new RequestError("not_found", `the hunt ${hunt} found nothing to purge`)
  if (records.some(({ root }) => root !== record.root)) {
    throw new RequestError("input_invalid", "this hunt found items in several datasets", {
      hint: "Hunt through one scan at a time: nightlight hunt s-000001 --again, and purge what that found.",
    })
  }
  return { records: [record, ...others], items, receipts: new Map() }
}

function recordOf(workspace: Workspace, scan: string): ScanRecord {
  const record = readScanRecords(workspace.layout.scans).find((candidate) => candidate.scan === scan)
  if (record !== undefined) return record
  throw new RequestError("not_found", "there is no such scan in this workspace", {
    hint: "Scans are named as their summary names them, such as s-000001; hunts h-000001.",
  })
}

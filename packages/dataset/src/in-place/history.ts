/**
 * The history of a workspace's scans, hunts and purges, by dataset.
 * @module
 */
import { join } from "node:path"
import type { Finding, HuntItem, PurgeReceipt, ScanReport, ShardReceipt } from "@nightlight/contract"
import { huntIds, type KeptHunt, readHunt } from "../hunt/read-hunt.ts"
import { readPurges } from "../purge/receipts.ts"
import { datasetKey } from "../push/shared-report.ts"
import { readReceipts } from "../scan/finish-shard.ts"
import { readReport } from "../scan/finished-scan.ts"
import { scanFolder } from "../scan/scan-folder.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import { readScanRecords } from "../scan/scan-records.ts"
import { readFindings } from "../scan/summary.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** A scan with at least one completed run. */
export interface PastScan {
  readonly record: ScanRecord
  readonly report: ScanReport
  /** See `datasetKey`. */
  readonly dataset: string
}

/** A place where a scan or a hunt found an item that matches a list. */
export interface KnownPlace {
  /** Absolute path of the archive, or of the label of plain files. */
  readonly shard: string
  readonly isPacked: boolean
  readonly ordinal: number
  /** Keyed; undefined where nothing of the item could be read. */
  readonly itemDigest: string | undefined
  /** Whether it matches test lists only. */
  readonly isTest: boolean
  /** When its shard was screened. */
  readonly seenAt: string
}

/** The history, oldest first; a scan's known items are read on demand. */
export interface History {
  readonly scans: readonly PastScan[]
  readonly hunts: readonly KeptHunt[]
  readonly purges: readonly PurgeReceipt[]
  /** Known items of a scan. @throws {IntegrityError} `receipt_untrusted`. */
  knownOf(scan: PastScan): readonly KnownPlace[]
  /** Absolute paths of the archives that a scan screened. @throws {IntegrityError} `receipt_untrusted`. */
  packedShardsOf(scan: PastScan): ReadonlySet<string>
  /** Known items that a hunt found in a scan. @throws {IntegrityError} `receipt_untrusted`. */
  foundIn(scan: PastScan, hunt: KeptHunt): readonly KnownPlace[]
}

/**
 * Reads the history of a workspace.
 *
 * @throws {IntegrityError} `receipt_untrusted` if a document is not what the workspace signed.
 */
export function readHistory(workspace: Workspace): History {
  const { layout, verifier, keyed } = workspace
  const scans = readScanRecords(layout.scans).flatMap((record) => {
    const report = readReport(scanFolder(layout.scans, record.scan))
    return report === undefined ? [] : [{ record, report, dataset: datasetKey(record, keyed) }]
  })
  const receipts = remember(({ record }: PastScan) => readReceipts(scanFolder(layout.scans, record.scan), verifier))

  function placeOf({ record }: PastScan, shard: ShardReceipt, found: Finding | HuntItem): KnownPlace {
    return {
      shard: join(record.root, shard.shard.path),
      isPacked: shard.shard.layout === "packed",
      ordinal: found.ordinal,
      itemDigest: found.itemDigest,
      isTest: found.matches.every(({ trust }) => trust === "test"),
      seenAt: shard.finishedAt,
    }
  }

  return {
    scans: scans.toSorted((a, b) => Date.parse(a.report.finishedAt) - Date.parse(b.report.finishedAt)),
    hunts: huntIds(workspace).map((hunt) => readHunt(workspace, hunt)),
    purges: readPurges(workspace),
    knownOf: remember((scan) => {
      const folder = scanFolder(layout.scans, scan.record.scan)
      return [...receipts(scan).values()].flatMap((receipt) =>
        readFindings(folder, receipt)
          .filter(({ matches }) => matches.length > 0)
          .map((finding) => placeOf(scan, receipt, finding)),
      )
    }),
    packedShardsOf: remember((scan) => {
      const shards = [...receipts(scan).values()].filter(({ shard }) => shard.layout === "packed")
      return new Set(shards.map(({ shard }) => join(scan.record.root, shard.path)))
    }),
    foundIn: (scan, { items }) =>
      items.flatMap((item) => {
        const receipt = item.scan === scan.record.scan ? receipts(scan).get(item.shard) : undefined
        return receipt === undefined ? [] : [placeOf(scan, receipt, item)]
      }),
  }
}

function remember<Key extends object, Value>(read: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>()
  return (key) => {
    const value = known.get(key) ?? read(key)
    known.set(key, value)
    return value
  }
}

/**
 * Where a scan's documents are: one folder in the workspace, readable only by its owner.
 * @module
 */
import { join } from "node:path"

/** Absolute paths of a scan's parts. */
export interface ScanFolder {
  readonly path: string
  readonly record: string
  /** The policy as it stood when the scan began. */
  readonly policy: string
  readonly receipts: string
  /** Fingerprints of clear items, one Parquet file per shard. */
  readonly sidecars: string
  /** Findings, one NDJSON file per shard: the restricted store. */
  readonly findings: string
  /** What each shard wrote to the clean copy, without names. */
  readonly copied: string
  /** Receipts and findings of shards that were replaced or removed since. */
  readonly superseded: string
  /** Ids of withheld rows of a DataComp pool, restricted as findings are. Made when they are first exported. */
  readonly datacomp: string
  readonly reportJson: string
  readonly reportHtml: string
  receipt(shard: string): string
  sidecar(shard: string): string
  finding(shard: string): string
  copiedBy(shard: string): string
}

/** The folders within it. */
export function foldersOf({ path, receipts, sidecars, findings, copied, superseded }: ScanFolder): readonly string[] {
  return [path, receipts, sidecars, findings, copied, superseded]
}

/** Names the parts of a scan's folder. */
export function scanFolder(scans: string, scan: string): ScanFolder {
  const path = join(scans, scan)
  const receipts = join(path, "receipts")
  const sidecars = join(path, "sidecars")
  const findings = join(path, "findings")
  const copied = join(path, "copied")
  return {
    path,
    record: join(path, "scan.json"),
    policy: join(path, "policy.yaml"),
    receipts,
    sidecars,
    findings,
    copied,
    superseded: join(path, "superseded"),
    datacomp: join(path, "datacomp"),
    reportJson: join(path, "report.json"),
    reportHtml: join(path, "report.html"),
    receipt: (shard) => join(receipts, `${shard}.json`),
    sidecar: (shard) => join(sidecars, `${shard}.parquet`),
    finding: (shard) => join(findings, `${shard}.ndjson`),
    copiedBy: (shard) => join(copied, shard),
  }
}

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Finding, type ShardReceipt } from "@nightlight/contract"
import { compact } from "@nightlight/core"
import { parquetMetadata, parquetReadObjects } from "hyparquet"
import { readReceipts } from "../../src/scan/finish-shard.ts"
import { scanFolder } from "../../src/scan/scan-folder.ts"
import type { Workspace } from "../../src/workspace/workspace.ts"

/** Every finding of a scan, in the order of shards and ordinals. */
export function findingsOf({ layout }: Workspace, scan = "s-000001"): readonly Finding[] {
  const { findings } = scanFolder(layout.scans, scan)
  return readdirSync(findings)
    .filter((name) => !name.startsWith("."))
    .sort()
    .flatMap((name) => readFileSync(join(findings, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => Finding.parse(JSON.parse(line)))
}

/** Findings without what differs from run to run: times, and the sealed files' digests and sizes. */
export function comparable(findings: readonly Finding[]): readonly object[] {
  return findings.map(({ evidence, ...finding }) => ({
    ...finding,
    foundAt: "",
    ...compact({ evidence: evidence === undefined ? undefined : { id: evidence.id, content: evidence.content } }),
  }))
}

/** Receipts of a scan by the shard's path; throws unless the workspace signed them. */
export function receiptsOf({ layout, verifier }: Workspace, scan = "s-000001"): ReadonlyMap<string, ShardReceipt> {
  const receipts = readReceipts(scanFolder(layout.scans, scan), verifier)
  return new Map([...receipts.values()].map((receipt) => [receipt.shard.path, receipt]))
}

/** Every row of a scan's sidecars, read by another reader. */
export async function sidecarRowsOf(
  { layout }: Workspace,
  scan = "s-000001",
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { sidecars } = scanFolder(layout.scans, scan)
  const rows: Record<string, unknown>[] = []
  for (const name of readdirSync(sidecars).sort()) {
    const file = new Uint8Array(readFileSync(join(sidecars, name))).buffer
    if (Number(parquetMetadata(file).num_rows) > 0) rows.push(...(await parquetReadObjects({ file, utf8: false })))
  }
  return rows
}

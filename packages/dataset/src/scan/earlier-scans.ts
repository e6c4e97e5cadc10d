/**
 * Scans of a workspace that a request may continue, or that stand in its way.
 * @module
 */
import { canonicalJson } from "@nightlight/core"
import { namesIn } from "../names-in.ts"
import { outputAt } from "../output/output-at.ts"
import { isWithin } from "../readers/paths.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { copiedKey, readCopied } from "./copied-store.ts"
import { readReceipts } from "./finish-shard.ts"
import { isComplete } from "./finished-scan.ts"
import { scanFolder } from "./scan-folder.ts"
import type { ScanRecord } from "./scan-record.ts"
import { readScanRecords } from "./scan-records.ts"
import type { WantedRecord } from "./wanted-record.ts"

/** A scan of the workspace. */
export interface EarlierScan {
  readonly record: ScanRecord
  readonly isDone: boolean
}

/**
 * The scans that a request may continue or conflict with: without an output, those of the same source. An output
 * belongs to the latest scan for it, which may not have written to it yet. A scan whose clean copy was removed, or
 * whose output another scan uses, no longer counts.
 */
export async function earlierScans(
  workspace: Workspace,
  { root, out }: Pick<WantedRecord, "root" | "out">,
  signal: AbortSignal,
): Promise<readonly EarlierScan[]> {
  const { scans } = workspace.layout
  const records = readScanRecords(scans).filter((record) => record.out === out)
  const mayCount = out === undefined ? records.filter((record) => record.root === root) : records.slice(-1)
  const counted: EarlierScan[] = []
  for (const record of mayCount) {
    if (await isCopyLost(workspace, record, signal)) continue
    counted.push({ record, isDone: isComplete(scanFolder(scans, record.scan)) })
  }
  return counted
}

/** Whether a scan wrote files to its output of which none is there any more: what is there is not its copy. */
async function isCopyLost(workspace: Workspace, { scan, out }: ScanRecord, signal: AbortSignal): Promise<boolean> {
  if (out === undefined) return false
  const { layout, verifier, keyed } = workspace
  const folder = scanFolder(layout.scans, scan)
  const keys = new Set(namesIn(folder.copied).flatMap((shard) => [...(readCopied(folder, shard)?.keys() ?? [])]))
  let isThere = false
  for await (const { path } of (await outputAt(out, workspace)).files(signal)) {
    if (keys.has(copiedKey(keyed, path))) return false
    isThere = true
    if (keys.size === 0) break
  }
  if (isThere) return true
  const receipts = readReceipts(folder, verifier)
  return [...receipts.values()].some(({ clean }) => (clean?.itemsWritten ?? 0) > 0)
}

/**
 * Whether a request is for all that an earlier scan read, as far as it is still there. A request for a part of it is
 * another request: the rest of a clean copy must not go. More inputs join a scan only where both have one output.
 */
export function covers(wanted: WantedRecord, { root, inputs, sources }: ScanRecord): boolean {
  if (root !== wanted.root) return false
  if (canonicalJson([...inputs]) === canonicalJson([...wanted.inputs])) return true
  const isWithinAny = (path: string, others: readonly string[]) => others.some((other) => isWithin(path, other))
  if (!sources.every((path) => isWithinAny(path, wanted.sources))) return false
  return wanted.out !== undefined || wanted.sources.every((path) => isWithinAny(path, sources))
}

/**
 * Shards of a scan that were replaced or removed since they were screened: their receipts and findings stay, so that what
 * was found in them can still be pushed, located and removed from other copies.
 * @module
 */
import { readFileSync } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { basename, join } from "node:path"
import type { Finding, ShardReceipt } from "@nightlight/contract"
import { hasCode, type Verifier } from "@nightlight/core"
import { syncDir, writeFileAtomic } from "@nightlight/durable"
import { namesIn } from "../names-in.ts"
import { readReceiptFile, readReceipts } from "./finish-shard.ts"
import type { ScanFolder } from "./scan-folder.ts"
import { parseFindings, readFindings } from "./summary.ts"

/** Digits of the listing's digest that tell the versions of one shard apart. */
const VERSION_DIGITS = 16

/**
 * Sets a shard's receipt and findings aside and removes its fingerprints. Safe to repeat: until the receipt has moved,
 * the shard counts as screened.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function supersede(folder: ScanFolder, { shard }: ShardReceipt): Promise<void> {
  const name = join(folder.superseded, `${shard.id}-${shard.listingDigest.slice(0, VERSION_DIGITS)}`)
  await writeFileAtomic(`${name}.ndjson`, textOf(folder.finding(shard.id)), 0o600)
  await rename(folder.receipt(shard.id), `${name}.json`)
  for (const path of [folder.superseded, folder.receipts]) await syncDir(path)
  for (const path of [folder.finding(shard.id), folder.sidecar(shard.id), folder.copiedBy(shard.id)]) {
    await rm(path, { force: true })
  }
}

/** A finding with the receipt of its shard. */
export interface KeptFinding {
  readonly finding: Finding
  readonly receipt: ShardReceipt
  /** Whether its shard was replaced or removed since. */
  readonly isSuperseded: boolean
}

/**
 * Reads every finding of a scan once: first those of its shards by path and ordinal, then those of superseded shards that
 * are not found in the present ones.
 *
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export function readKeptFindings(folder: ScanFolder, verifier: Verifier): readonly KeptFinding[] {
  const kept: KeptFinding[] = []
  const ids = new Set<string>()
  const add = (receipt: ShardReceipt, findings: readonly Finding[], isSuperseded: boolean): void => {
    for (const finding of findings) {
      if (ids.has(finding.id) && isSuperseded) continue
      ids.add(finding.id)
      kept.push({ finding, receipt, isSuperseded })
    }
  }
  for (const receipt of readReceipts(folder, verifier).values()) add(receipt, readFindings(folder, receipt), false)
  for (const name of namesIn(folder.superseded).toSorted()) {
    if (name.startsWith(".") || !name.endsWith(".json")) continue
    const path = join(folder.superseded, name)
    const receipt = readReceiptFile(path, { scan: basename(folder.path), shard: name.split("-")[0] ?? "" }, verifier)
    if (receipt !== undefined) add(receipt, parseFindings(textOf(path.replace(/json$/, "ndjson")), receipt), true)
  }
  return kept
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (hasCode(error, "ENOENT")) return ""
    throw error
  }
}

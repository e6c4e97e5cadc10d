/**
 * `nightlight hunt`: matches newer lists against what was screened before, without its pixels.
 * @module
 */

import { createHash } from "node:crypto"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { setImmediate as nextTurn } from "node:timers/promises"
import { HUNT_FORMAT, type HuntItem, type HuntReport, type ShardReceipt } from "@nightlight/contract"
import { canonicalJson, hasCode, IntegrityError, type JsonValue, RequestError } from "@nightlight/core"
import { ensureDirPrivate, signDocument, withLock, writeFileAtomic } from "@nightlight/durable"
import { createHunter, type Hunter, type LoadedIndex, type Policy } from "@nightlight/screening"
import { listCoverage } from "../scan/coverage.ts"
import { readReceipts } from "../scan/finish-shard.ts"
import { isComplete } from "../scan/finished-scan.ts"
import { type ScanFolder, scanFolder } from "../scan/scan-folder.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import { readScanRecords } from "../scan/scan-records.ts"
import { readFindings } from "../scan/summary.ts"
import { openSidecarFile } from "../sidecar/file.ts"
import { openSidecar } from "../sidecar/read.ts"
import { TOOL } from "../tool.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { type ListChanges, type ListVersions, listChanges, snapshotKey, versionsOf } from "./changes.ts"
import { toItems } from "./hunt-items.ts"
import { huntSidecar } from "./hunt-sidecar.ts"
import { readHunted, writeHunted } from "./hunted.ts"

/** Scans and entries of a hunt. */
export interface HuntRequest {
  /** One scan; all scans of the workspace where absent. */
  readonly scan?: string
  /** Search again for entries that earlier hunts searched for. */
  readonly again?: boolean
}

/** Receives a hunt's progress. */
export interface HuntWatcher {
  onProgress?(fingerprints: number): void
}

/** The result of a hunt. */
export interface HuntResult {
  readonly report: HuntReport
  readonly items: readonly HuntItem[]
  /** Absolute path of the hunt's folder in the workspace. */
  readonly folder: string
}

/**
 * Hunts for entries that are new since each scan, or since the last hunt over it.
 *
 * @throws {RequestError} `not_found` if there is no such scan, or none at all.
 * @throws {IntegrityError} `receipt_untrusted`, `snapshot_untrusted`, `index_untrusted`.
 */
export async function runHunt(
  workspace: Workspace,
  request: HuntRequest,
  watcher: HuntWatcher,
  signal: AbortSignal,
): Promise<HuntResult> {
  const { hunts, scans } = workspace.layout
  const records = readScanRecords(scans).filter((record) => request.scan === undefined || record.scan === request.scan)
  if (records.length === 0) {
    throw new RequestError(
      "not_found",
      request.scan === undefined ? "nothing was scanned yet" : "there is no such scan",
    )
  }
  await ensureDirPrivate(hunts)
  return await withLock(join(hunts, "lock"), async () => {
    // Only now: with older lists than the previous hunt had, it would record less than was hunted for.
    await workspace.refreshIndex()
    await using index = await workspace.openIndex()
    const policy = await workspace.readPolicy()
    const hunt = nextHuntId(hunts)
    const folder = join(hunts, hunt)
    const each: HuntedScan[] = []
    for (const record of records) {
      each.push(await huntScan({ workspace, record, index, policy }, request, watcher, signal))
    }
    const items = each.flatMap((scan) => scan.items)
    const itemsText = items.map((item) => `${canonicalJson(item as unknown as JsonValue)}\n`).join("")
    const report: HuntReport = signDocument(
      {
        format: HUNT_FORMAT,
        tool: TOOL,
        hunt,
        huntedAt: workspace.clock.now().toISOString(),
        indexVersion: index.version,
        coverage: listCoverage(index.lists),
        scans: each.map((scan) => scan.summary),
        inPlace: inPlace(items),
        itemsSha256: createHash("sha256").update(itemsText).digest("hex"),
      },
      workspace.signer,
    )
    await ensureDirPrivate(folder)
    await writeFileAtomic(join(folder, "items.ndjson"), itemsText, 0o600)
    await writeFileAtomic(join(folder, "hunt.json"), `${JSON.stringify(report, null, 2)}\n`, 0o600)
    await workspace.record("hunt.completed", {
      hunt,
      scans: each.length,
      fingerprints: each.reduce((total, { summary }) => total + summary.fingerprints, 0),
      items: items.length,
      indexVersion: index.version,
    })
    // Only now may the next hunt skip what this one searched for.
    for (const { scanFolderOf, summary, versions } of each) {
      if (summary.complete) await writeHunted(scanFolderOf, versions, workspace.signer)
    }
    return { report, items, folder }
  })
}

interface HuntJob {
  readonly workspace: Workspace
  readonly record: ScanRecord
  readonly index: LoadedIndex
  readonly policy: Policy
}

interface HuntedScan {
  readonly summary: HuntReport["scans"][number]
  readonly items: readonly HuntItem[]
  readonly scanFolderOf: ScanFolder
  readonly versions: ListVersions
}

async function huntScan(
  job: HuntJob,
  request: HuntRequest,
  watcher: HuntWatcher,
  signal: AbortSignal,
): Promise<HuntedScan> {
  const { workspace, record } = job
  const folder = scanFolder(workspace.layout.scans, record.scan)
  // Asked before the receipts are read: a scan that ends meanwhile screens its remaining shards with the lists it began
  // with, and no hunt has covered those.
  const isWhole = isComplete(folder)
  const receipts = [...readReceipts(folder, workspace.verifier).values()]
  const before = versionsOf(receipts)
  const hunted = request.again === true ? {} : readHunted(folder, workspace.verifier)
  const from = Object.fromEntries(
    Object.entries({ ...before, ...hunted }).map(([name, version]) => [name, Math.max(version, before[name] ?? 0)]),
  )
  const changes = await listChanges(workspace, { screened: before, hunted: from }, job.index.lists)
  const hunter = createHunter(changes.added)
  let fingerprints = 0
  const items: HuntItem[] = []
  for (const receipt of changes.added.length === 0 ? [] : receipts) {
    signal.throwIfAborted()
    const { rows, hits } = huntShard(folder, receipt, hunter)
    fingerprints += rows
    items.push(...toItems(job, receipt, hits))
    watcher.onProgress?.(fingerprints)
    // Lets the watcher's timer and the signal run between shards.
    await nextTurn()
  }
  return {
    summary: {
      scan: record.scan,
      lists: job.index.lists.map(({ name, snapshot }) => ({ name, from: from[name] ?? 0, to: snapshot })),
      newEntries: changes.added.length,
      newAddresses: changes.addresses,
      fingerprints,
      items: items.length,
      withdrawn: withdrawnFindings(folder, receipts, changes),
      orientations: record.keepOrientations,
      complete: isWhole,
    },
    items,
    scanFolderOf: folder,
    versions: Object.fromEntries(job.index.lists.map(({ name, snapshot }) => [name, snapshot])),
  }
}

function huntShard(folder: ScanFolder, { shard, sidecarColumns }: ShardReceipt, hunter: Hunter) {
  using file = openThere(folder.sidecar(shard.id))
  const sidecar = openSidecar(file, sidecarColumns)
  return { rows: sidecar.rows, hits: huntSidecar(sidecar, hunter) }
}

function openThere(path: string) {
  try {
    return openSidecarFile(path)
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
    throw new IntegrityError("receipt_untrusted", "a fingerprint sidecar that a receipt names is missing", {
      hint: "Restore it from a backup, or scan its dataset again.",
    })
  }
}

/** Findings that rest on an entry which its source withdrew. */
function withdrawnFindings(
  folder: ScanFolder,
  receipts: readonly ShardReceipt[],
  { withdrawn }: ListChanges,
): string[] {
  if (withdrawn.size === 0) return []
  return receipts
    .flatMap((receipt) => readFindings(folder, receipt))
    .filter(({ matches }) =>
      matches.some(({ list, snapshot, entry }) => withdrawn.get(snapshotKey(list, snapshot))?.has(entry) === true),
    )
    .map((finding) => finding.id)
}

function inPlace(items: readonly HuntItem[]): HuntReport["inPlace"] {
  const counts = new Map<string, { scan: string; path: string; items: number }>()
  for (const { scan, shardPath, matches } of items) {
    if (matches.every((match) => match.trust === "test")) continue
    const row = counts.get(`${scan} ${shardPath}`) ?? { scan, path: shardPath, items: 0 }
    row.items++
    counts.set(`${scan} ${shardPath}`, row)
  }
  return [...counts.values()]
}

function nextHuntId(hunts: string): string {
  const last = readdirSync(hunts)
    .filter((name) => /^h-\d{6}$/.test(name))
    .sort()
    .at(-1)
  return `h-${String(Number(last?.slice(2) ?? 0) + 1).padStart(6, "0")}`
}

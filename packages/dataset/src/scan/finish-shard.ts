/**
 * Writes a shard's results in the order that makes a kill at any point harmless: findings, sidecar, clean copy, and
 * last the receipt, whose presence shows that the rest is complete.
 * @module
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { type Finding, RECEIPT_FORMAT, ShardReceipt } from "@nightlight/contract"
import {
  canonicalJson,
  compact,
  hasCode,
  IntegrityError,
  type JsonValue,
  type Verifier,
  verifierFor,
} from "@nightlight/core"
import { checkDocument, signDocument, writeFileAtomic } from "@nightlight/durable"
import type { ColumnSurvey } from "../containers/decision.ts"
import type { GroupColumns } from "../containers/parquet/addresses/read-by-columns.ts"
import { writeCleanShard } from "../copy/write-shard.ts"
import { sealingEvents } from "../evidence/logged.ts"
import { namesIn } from "../names-in.ts"
import type { CopiedFile } from "../output/copied-files.ts"
import type { ShardPlan } from "../plan/types.ts"
import { sidecarInMemory } from "../sidecar/file.ts"
import { digestColumns, openSidecar } from "../sidecar/read.ts"
import { encodeSidecar } from "../sidecar/write.ts"
import { TOOL } from "../tool.ts"
import type { ScanContext } from "./context.ts"
import { writeCopied } from "./copied-store.ts"
import { listCoverage } from "./coverage.ts"
import type { ScanFolder } from "./scan-folder.ts"
import type { ShardOutcome } from "./shard-tally.ts"

/**
 * Makes a screened shard durable.
 *
 * @throws {DependencyError} `disk_full`, `source_changed` and others: no part is visible, and the shard is done again.
 */
export async function finishShard(
  context: ScanContext,
  shard: ShardPlan,
  { outcome, startedAt }: { readonly outcome: ShardOutcome; readonly startedAt: Date },
  signal: AbortSignal,
): Promise<ShardReceipt> {
  const { record, folder, signer, clock, isolation, ports, policy } = context
  const findings = new TextEncoder().encode(
    outcome.findings.map((finding) => `${canonicalJson(finding as unknown as JsonValue)}\n`).join(""),
  )
  await writeFileAtomic(folder.finding(shard.id), findings, 0o600)
  const sidecar = encodeSidecar(outcome.rows, {
    scan: record.scan,
    shard: shard.id,
    profile: record.profile,
    kernel: record.kernel,
    orientations: record.keepOrientations,
  })
  await writeFileAtomic(folder.sidecar(shard.id), sidecar, 0o600)
  await context.recordAll(sealingEvents(outcome.findings))
  const clean = await copyClean(context, shard, outcome, signal)
  const receipt: ShardReceipt = signDocument(
    {
      format: RECEIPT_FORMAT,
      tool: TOOL,
      scan: record.scan,
      shard: shardDocument(shard),
      startedAt: startedAt.toISOString(),
      finishedAt: clock.now().toISOString(),
      indexVersion: ports.index.version,
      lists: listCoverage(ports.index.lists),
      policyDigest: policy.digest,
      profile: record.profile,
      kernel: record.kernel,
      isolation,
      samples: outcome.samples,
      items: outcome.items,
      bytes: outcome.bytes,
      decisions: { ...outcome.decisions },
      withheldSamples: outcome.withheldSamples,
      exactTrusted: outcome.findings.filter(isExactTrusted).length,
      knownItems: outcome.findings.filter((finding) => finding.matches.some((match) => match.trust !== "test")).length,
      testItems: outcome.findings.filter(isTestOnly).length,
      weakMatches: outcome.weakMatches,
      causes: { ...outcome.causes },
      inconclusiveBytes: outcome.inconclusiveBytes,
      exceptions: { ...outcome.exceptions },
      sidecarSha256: sha256(sidecar),
      sidecarColumns: digestColumns(openSidecar(sidecarInMemory(sidecar))).map((columns) => ({ ...columns })),
      findingsSha256: sha256(findings),
      ...compact({ clean, poison: outcome.poison }),
    },
    signer,
  )
  await writeFileAtomic(folder.receipt(shard.id), `${JSON.stringify(receipt, null, 2)}\n`, 0o600)
  return receipt
}

/**
 * Reads the receipts of a scan, by shard, in the order of the shards' paths.
 *
 * @throws {IntegrityError} `receipt_untrusted` if one was altered, or belongs to another scan or shard.
 */
export function readReceipts(folder: ScanFolder, verifier: Verifier): ReadonlyMap<string, ShardReceipt> {
  const receipts = new Map<string, ShardReceipt>()
  for (const name of namesIn(folder.receipts).toSorted()) {
    // A dot marks the remains of an interrupted write.
    if (name.startsWith(".") || !name.endsWith(".json")) continue
    const shard = name.slice(0, -".json".length)
    const receipt = readReceipt(folder, shard, verifier)
    if (receipt !== undefined) receipts.set(shard, receipt)
  }
  return new Map([...receipts].toSorted(([, a], [, b]) => (a.shard.path < b.shard.path ? -1 : 1)))
}

/**
 * Reads the receipt of one shard; undefined where it is not done.
 *
 * @throws {IntegrityError} `receipt_untrusted`, as {@link readReceipts}.
 */
export function readReceipt(folder: ScanFolder, shard: string, verifier: Verifier): ShardReceipt | undefined {
  return readReceiptFile(folder.receipt(shard), { scan: basename(folder.path), shard }, verifier)
}

/**
 * Reads a receipt from its file; undefined where there is none, or a replaced key signed it too late.
 *
 * @param of - The scan and the shard that it must name.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export function readReceiptFile(
  path: string,
  of: { readonly scan: string; readonly shard: string },
  verifier: Verifier,
): ShardReceipt | undefined {
  const text = readIfThere(path)
  if (text === undefined || isLeftBehind(text, verifier)) return undefined
  const receipt = parseReceipt(text, verifier)
  // A receipt of another scan is signed too, but names other lists.
  if (receipt.scan !== of.scan || receipt.shard.id !== of.shard) throw untrusted()
  return receipt
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  }
}

/**
 * Whether a receipt was signed with a replaced key and is not among the signatures that key had made by then: a scan
 * was writing it. Its shard is screened again, as if it did not exist.
 */
function isLeftBehind(text: string, verifier: Verifier): boolean {
  try {
    const value = JSON.parse(text) as { readonly keyId?: unknown } | null
    const earlier = value?.keyId === verifier.keyId ? undefined : verifierFor(verifier, value?.keyId)
    return earlier !== undefined && checkDocument(value, RECEIPT_FORMAT, earlier) === undefined
  } catch {
    return false
  }
}

function parseReceipt(text: string, verifier: Verifier): ShardReceipt {
  try {
    return ShardReceipt.parse(checkDocument(JSON.parse(text), RECEIPT_FORMAT, verifier))
  } catch {
    throw untrusted()
  }
}

function untrusted(): IntegrityError {
  return new IntegrityError("receipt_untrusted", "a shard's receipt is not what this workspace signed")
}

async function copyClean(context: ScanContext, shard: ShardPlan, outcome: ShardOutcome, signal: AbortSignal) {
  const { folder, keyed, output, screened } = context
  if (output === undefined || !screened || outcome.poison !== undefined) return undefined
  const written = await writeCleanShard(
    compact({
      shard,
      output,
      limits: context.readerLimits,
      incomplete: shard.last === undefined ? undefined : context.incomplete(),
      onWritten: (files: readonly CopiedFile[]) => writeCopied(folder.copiedBy(shard.id), files, keyed),
      copiedRows: shard.last === undefined ? undefined : context.copiedRows(),
      survey: outcome.groups === undefined ? undefined : surveyOf(outcome, outcome.groups),
    }),
    (sample, item) => {
      const sha256 = outcome.sha256[item.ordinal]
      return sha256 === undefined || outcome.withheld.has(sample.ordinal) ? { keep: false } : { keep: true, sha256 }
    },
    signal,
  )
  const stale = [...written.stale]
  return compact({
    samplesDropped: written.samplesDropped,
    itemsWritten: written.itemsWritten,
    itemsDropped: written.itemsDropped,
    rowsDropped: written.droppedRows,
    rows: written.rows === undefined ? undefined : { ...written.rows },
    keyCollisions: written.keyCollisions,
    bytes: written.bytes,
    outputSha256: written.outputSha256,
    stale,
  })
}

/** What stays of a table that was read by columns: the file's metadata, where there is any, is its first sample. */
function surveyOf({ samples, withheld }: ShardOutcome, groups: readonly GroupColumns[]): ColumnSurvey {
  const rows = groups.reduce((sum, group) => sum + group.rows, 0)
  const before = samples - rows
  const dropped = [...withheld].filter((sample) => sample >= before).toSorted((a, b) => a - b)
  let first = before
  let next = 0
  const surveyed = groups.map(({ rows: own, digests, hasUnused }) => {
    const begin = next
    while (next < dropped.length && (dropped[next] ?? 0) < first + own) next++
    const marks = new Uint8Array(next > begin || hasUnused ? own : 0)
    for (const sample of dropped.slice(begin, next)) marks[sample - first] = 1
    first += own
    return { digests, hasUnused, dropped: marks, droppedRows: next - begin }
  })
  return {
    keepsMetadata: before === 0 || !withheld.has(0),
    groups: surveyed,
    leftOutRows: 0,
    leftOutItems: 0,
    hasMetadata: before > 0,
    rows,
  }
}

/** The part of a plan's shard that may be kept. */
function shardDocument({ id, kind, layout, path, sizeBytes, items, listingDigest }: ShardPlan): ShardReceipt["shard"] {
  return compact({ id, kind, layout, path, sizeBytes, items, listingDigest })
}

/** Whether a finding is an exact match (SHA-1 or SHA-256) of a trusted list. */
export function isExactTrusted(finding: Finding): boolean {
  return finding.matches.some(
    ({ trust, hashType }) => trust === "trusted" && (hashType === "sha1" || hashType === "sha256"),
  )
}

function isTestOnly(finding: Finding): boolean {
  return finding.matches.length > 0 && finding.matches.every((match) => match.trust === "test")
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

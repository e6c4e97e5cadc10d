/**
 * Derives a scan's report from its receipts and findings. Nothing is counted anywhere else.
 * @module
 */

import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { Finding, type ScanReport, type ShardReceipt } from "@nightlight/contract"
import { compact, DECISIONS, hasCode, IntegrityError } from "@nightlight/core"
import { createFloodWatch } from "@nightlight/screening"
import { custodySeparated } from "@nightlight/vault"
import { TOOL } from "../tool.ts"
import type { Workspace } from "../workspace/workspace.ts"
import type { ScanContext } from "./context.ts"
import { listCoverage } from "./coverage.ts"
import type { ScanFolder } from "./scan-folder.ts"

/** A shard that could not be screened this time. */
export interface FailedShard {
  readonly path: string
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** Result of a run, from which its summary is made. */
export interface RunOutcome {
  readonly receipts: readonly ShardReceipt[]
  readonly failed: readonly FailedShard[]
  readonly stopped: boolean
  readonly manifest: Workspace["manifest"]
}

/** Radius of the widest list, plus one: the distances a chart shows. */
const DISTANCES = 32

/**
 * Builds the report of a scan from its receipts.
 *
 * @throws {IntegrityError} `receipt_untrusted` if a findings file is not the one its receipt names.
 */
export function buildReport(context: ScanContext, run: RunOutcome): ScanReport {
  const { record, ports, policy, config, isolation, folder } = context
  const receipts = run.receipts.toSorted((a, b) => (a.shard.path < b.shard.path ? -1 : 1))
  const findings = receipts.flatMap((receipt) => readFindings(folder, receipt))
  const pdqMatches = findings.flatMap((finding) => finding.matches).filter((match) => match.hashType === "pdq")
  const distances: number[] = Array.from({ length: DISTANCES }, () => 0)
  const transformations: Record<string, number> = {}
  for (const { distanceBits, transformation } of pdqMatches) {
    distances[distanceBits] = (distances[distanceBits] ?? 0) + 1
    const name = transformationName(transformation)
    transformations[name] = (transformations[name] ?? 0) + 1
  }
  const known = receipts.filter((receipt) => receipt.knownItems > 0)
  const poison = receipts.flatMap(({ shard, poison }) =>
    poison === undefined ? [] : [{ path: shard.path, code: poison }],
  )
  const times = receipts.map((receipt) => receipt.finishedAt)
  const remaining = Math.max(0, context.plannedShards - receipts.length)
  const state = run.stopped ? "stopped" : remaining > 0 || run.failed.length > 0 ? "partial" : "complete"
  return {
    version: 1,
    tool: TOOL,
    scan: record.scan,
    state,
    startedAt: record.startedAt,
    finishedAt: [...times, record.plannedAt].toSorted().at(-1) ?? record.plannedAt,
    activeSeconds: activeSeconds(receipts),
    inputs: [...record.inputs],
    ...compact({ out: record.out, conditionalWrites: context.output?.conditionalWrites, commit: record.commit }),
    screened: context.screened,
    demo: record.demo,
    coverage: {
      lists: listCoverage(ports.index.lists),
      indexVersion: record.indexVersion,
      policy: { name: policy.name, digest: policy.digest },
      profile: record.profile,
      kernel: record.kernel,
      isolation,
    },
    custody: { mode: config.custody.mode, separated: custodySeparated(run.manifest) },
    totals: {
      shards: receipts.length,
      samples: sum(receipts, (receipt) => receipt.samples),
      items: sum(receipts, (receipt) => receipt.items),
      bytes: sum(receipts, inputBytes),
    },
    decisions: Object.fromEntries(
      DECISIONS.map((name) => [name, sum(receipts, (receipt) => receipt.decisions[name])]),
    ) as ScanReport["decisions"],
    withheldSamples: sum(receipts, (receipt) => receipt.withheldSamples),
    remaining,
    unread: unreadTotals(receipts, findings),
    causes: addUp(receipts.map((receipt) => receipt.causes)),
    exceptions: addUp(receipts.map((receipt) => receipt.exceptions)),
    matches: matchesByList(findings),
    distances,
    transformations,
    weakMatches: sum(receipts, (receipt) => receipt.weakMatches),
    flooding: floodingEntries(findings),
    sealed: {
      withContent: findings.filter((finding) => finding.evidence?.content === true).length,
      contextOnly: findings.filter((finding) => finding.evidence?.content === false).length,
    },
    inPlace: {
      items: sum(known, (receipt) => receipt.knownItems),
      test: sum(receipts, (receipt) => receipt.testItems),
      shards: known.map(({ shard, knownItems }) => ({ path: shard.path, items: knownItems })),
    },
    ...compact({ clean: record.out === undefined || !context.screened ? undefined : cleanTotals(receipts) }),
    skipped: record.skipped,
    poison,
    failed: run.failed.map(({ path, code }) => ({ path, code })),
    timeline: receipts
      .map(({ startedAt, finishedAt, items }) => ({
        finishedAt,
        seconds: (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000,
        items,
      }))
      .toSorted((a, b) => (a.finishedAt < b.finishedAt ? -1 : 1)),
  }
}

/**
 * Reads the findings of one shard, in the order of ordinals.
 *
 * @throws {IntegrityError} `receipt_untrusted` if they are not what the receipt names.
 */
export function readFindings(folder: ScanFolder, receipt: ShardReceipt): readonly Finding[] {
  return parseFindings(readOrEmpty(folder.finding(receipt.shard.id)), receipt)
}

/**
 * Parses the findings of one shard.
 *
 * @throws {IntegrityError} `receipt_untrusted` if they are not what the receipt names.
 */
export function parseFindings(text: string, receipt: ShardReceipt): readonly Finding[] {
  if (createHash("sha256").update(text).digest("hex") !== receipt.findingsSha256) {
    throw new IntegrityError("receipt_untrusted", `the findings of shard ${receipt.shard.id} do not match its receipt`)
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Finding.parse(JSON.parse(line)))
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (hasCode(error, "ENOENT")) return ""
    throw error
  }
}

function floodingEntries(findings: readonly Finding[]): ScanReport["flooding"] {
  const watch = createFloodWatch()
  for (const { itemDigest, matches } of findings) if (itemDigest !== undefined) watch.record(itemDigest, matches)
  return watch.flooding().map(({ list, entry, entryId }) => compact({ list, entry, entryId }))
}

/** Seconds in which at least one shard was in progress: shards overlap, and runs have gaps between them. */
function activeSeconds(receipts: readonly ShardReceipt[]): number {
  const spans = receipts
    .map(({ startedAt, finishedAt }) => ({ start: Date.parse(startedAt), end: Date.parse(finishedAt) }))
    .toSorted((a, b) => a.start - b.start)
  let activeMs = 0
  let reached = 0
  for (const { start, end } of spans) {
    activeMs += Math.max(0, end - Math.max(start, reached))
    reached = Math.max(reached, end)
  }
  return activeMs / 1_000
}

function matchesByList(findings: readonly Finding[]): ScanReport["matches"] {
  const rows = new Map<string, ScanReport["matches"][number]>()
  for (const { matches } of findings) {
    const keys = new Set(matches.map(({ list, hashType }) => `${list} ${hashType}`))
    for (const key of keys) {
      const match = matches.find(({ list, hashType }) => `${list} ${hashType}` === key)
      if (match === undefined) continue
      const row = rows.get(key) ?? { list: match.list, trust: match.trust, hashType: match.hashType, items: 0 }
      row.items++
      rows.set(key, row)
    }
  }
  return [...rows.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

function cleanTotals(receipts: readonly ShardReceipt[]): NonNullable<ScanReport["clean"]> {
  return {
    samplesDropped: sum(receipts, (receipt) => receipt.clean?.samplesDropped ?? 0),
    keyCollisions: sum(receipts, (receipt) => receipt.clean?.keyCollisions ?? 0),
    itemsWritten: sum(receipts, (receipt) => receipt.clean?.itemsWritten ?? 0),
    bytes: sum(receipts, (receipt) => receipt.clean?.bytes ?? 0),
    stale: [...new Set(receipts.flatMap((receipt) => receipt.clean?.stale ?? []))].sort(),
  }
}

/** The bytes of a shard's items; a shard that was set aside counts with its file, of which the items may be a part. */
function inputBytes({ poison, shard, bytes }: ShardReceipt): number {
  return poison === undefined ? bytes : shard.sizeBytes
}

/** What nothing looked into; of a shard that was set aside, all of it. */
function unreadTotals(receipts: readonly ShardReceipt[], findings: readonly Finding[]): ScanReport["unread"] {
  const items = sum(receipts, (receipt) => receipt.decisions.inconclusive)
  const bytes = sum(receipts, (receipt) =>
    receipt.poison === undefined ? receipt.inconclusiveBytes : receipt.shard.sizeBytes,
  )
  const types: Record<string, number> = {}
  for (const { decision, mediaType } of findings) {
    if (decision === "inconclusive") types[mediaType] = (types[mediaType] ?? 0) + 1
  }
  const isMost = 2 * items > sum(receipts, (receipt) => receipt.items) || 2 * bytes > sum(receipts, inputBytes)
  return { items, bytes, types, isMost }
}

function transformationName(transformation: Finding["matches"][number]["transformation"]): string {
  if (transformation === undefined) return "upright"
  const { orientation, crop } = transformation
  return crop === "letterbox" ? (orientation === "upright" ? "letterbox" : `letterbox, ${orientation}`) : orientation
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const count of counts) for (const [key, value] of Object.entries(count)) total[key] = (total[key] ?? 0) + value
  return total
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0)
}

/**
 * `nightlight purge`: removes known items from a source or a copy, when they are sealed, or by a recorded order.
 * @module
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { hasCode, RequestError } from "@nightlight/core"
import { openEvidenceStore, signDocument } from "@nightlight/vault"
import { ensureDirPrivate, withLock, writeFileAtomic } from "@nightlight/vault/durable"
import { planDataset } from "../plan/plan-dataset.ts"
import { TOOL } from "../tool.ts"
import type { Workspace } from "../workspace/open.ts"
import { type KnownItem, knownItems } from "./known-items.ts"
import { type PurgedShard, purgeShard } from "./purge-shard.ts"

/** What to remove, from where, and by what right. */
export interface PurgeRequest {
  readonly scan: string
  /** A copy of the dataset, instead of the scan's own source. */
  readonly from?: string
  /** Who decided it and why: needed for items that are not sealed. */
  readonly basis?: string
  /** Also items that only asked a person. */
  readonly includeReview?: boolean
  /** Say what would be removed. */
  readonly dryRun?: boolean
}

/** What was removed. */
export interface PurgeReport {
  readonly purge: string
  readonly scan: string
  readonly shards: readonly PurgedShard[]
  readonly itemsKnown: number
  readonly itemsRemoved: number
  readonly samplesRemoved: number
  /** Known items that were not there any more. */
  readonly gone: number
  /** Matches that only ask a person, left in place. */
  readonly undecided: number
  readonly dryRun: boolean
}

/** Name and version of a purge receipt's form. */
export const PURGE_FORMAT = "nightlight-purge-receipt/1"

/**
 * Removes known items, each found by digesting what is there now.
 *
 * @throws {RequestError} `not_found`; `state_conflict` if an item is neither sealed nor covered by `basis`.
 * @throws {DependencyError}, {ShardError} as `purgeShard`: shards before stay purged and are in the log.
 */
export async function runPurge(workspace: Workspace, request: PurgeRequest, signal: AbortSignal): Promise<PurgeReport> {
  const { scan, basis, dryRun = false } = request
  const { record, items, undecided } = knownItems(workspace, scan, request.includeReview ?? false)
  if (basis === undefined && !dryRun) await assertSealed(workspace, items)
  const plan = await planDataset([request.from ?? record.root], { exclude: [workspace.layout.root] }, signal)
  const where = new Set(items.map((item) => item.shard))
  // A copy may be cut into other shards: all of it is looked through.
  const shards = request.from === undefined ? plan.shards.filter(({ path }) => where.has(path)) : plan.shards
  const targets = new Set(items.map((item) => item.itemDigest))
  const { purges } = workspace.layout
  await ensureDirPrivate(purges)
  return withLock(join(purges, "lock"), async () => {
    const purge = nextPurgeId(purges)
    if (!dryRun) await workspace.record("purge.started", { purge, scan, items: items.length, people: "one-person" })
    const purged: PurgedShard[] = []
    for (const shard of shards) {
      const done = await purgeShard({ workspace, root: plan.root, shard }, targets, dryRun, signal)
      if (done === undefined) continue
      purged.push(done)
      if (!dryRun) {
        await workspace.record("purge.shard-purged", { purge, shard: shard.id, items: done.itemDigests.length })
      }
    }
    const report = {
      purge,
      scan,
      shards: purged,
      itemsKnown: items.length,
      itemsRemoved: purged.reduce((total, { itemDigests }) => total + itemDigests.length, 0),
      samplesRemoved: purged.reduce((total, { samplesRemoved }) => total + samplesRemoved, 0),
      gone: Math.max(0, targets.size - new Set(purged.flatMap(({ itemDigests }) => itemDigests)).size),
      undecided,
      dryRun,
    }
    if (!dryRun) await keepReceipt(workspace, report, request)
    return report
  })
}

async function keepReceipt(workspace: Workspace, report: PurgeReport, { basis, from }: PurgeRequest): Promise<void> {
  const { purge, scan, shards, itemsKnown, itemsRemoved, samplesRemoved, gone } = report
  const receipt = signDocument(
    {
      format: PURGE_FORMAT,
      tool: TOOL,
      purge,
      scan,
      from,
      basis: basis ?? "sealed",
      people: "one person",
      purgedAt: workspace.clock.now().toISOString(),
      itemsKnown,
      itemsRemoved,
      samplesRemoved,
      gone,
      shards: shards.map((shard) => ({ ...shard })),
    },
    workspace.signer,
  )
  await writeFileAtomic(join(workspace.layout.purges, `${purge}.json`), `${JSON.stringify(receipt, null, 2)}\n`, 0o600)
  await workspace.record("purge.completed", { purge, scan, items: itemsRemoved, samples: samplesRemoved, gone })
}

async function assertSealed(workspace: Workspace, items: readonly KnownItem[]): Promise<void> {
  const { layout, manifest, keyed, clock } = workspace
  const store = await openEvidenceStore(layout.evidence, { manifest, keyedDigest: keyed, clock })
  let unsealed = 0
  for (const { evidenceId } of items) {
    const row = evidenceId === undefined ? undefined : await store.find(evidenceId)
    if (row?.custody !== "sealed") unsealed++
  }
  if (unsealed === 0) return
  throw new RequestError(
    "state_conflict",
    `${unsealed} of ${items.length} known items are not sealed: they may only go by a recorded order or report`,
    { hint: 'Name who decided it, and why: --basis "report 123, counsel, 2026-11-24".' },
  )
}

function nextPurgeId(purges: string): string {
  const last = namesIn(purges)
    .flatMap((name) => /^p-(\d{6})\.json$/.exec(name)?.[1] ?? [])
    .sort()
    .at(-1)
  return `p-${String(Number(last ?? 0) + 1).padStart(6, "0")}`
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (hasCode(error, "ENOENT")) return []
    throw error
  }
}

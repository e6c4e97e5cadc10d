/**
 * Stores the reports of sources about their hunts and purges.
 * @module
 */
import { randomUUID } from "node:crypto"
import {
  type FollowUp,
  MAX_SCAN_FOLLOW_UPS,
  type PushedFollowUpAnswer,
  type SharedHunt,
  type SharedPurge,
} from "@nightlight/contract/server"
import type { JsonValue } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { insertFollowUp, listFollowUps, lockFollowUp, type NewFollowUp, replaceFollowUp } from "./follow-up-store.ts"
import type { DatasetOfSource } from "./in-place.ts"
import { isTooFarInFuture } from "./store.ts"

/** A report whose signature, source and name were checked. */
export type CheckedFollowUp =
  | { readonly kind: "hunt"; readonly report: SharedHunt }
  | { readonly kind: "purge"; readonly report: SharedPurge }

/** Stores a hunt or a purge: of several reports of one the latest stays, and repeating changes nothing. */
export function keepFollowUp(
  deps: TransactDeps,
  { actor, source }: { readonly actor: string; readonly source: string },
  checked: CheckedFollowUp,
): Promise<PushedFollowUpAnswer> {
  const { kind, report } = checked
  return transact(deps, actor, async ({ trx, record }) => {
    const receivedAt = deps.clock.now()
    const saidAt = new Date(timeOf(checked))
    const reported: NewFollowUp = {
      id: `${kind}-${randomUUID()}`,
      source,
      kind,
      name: nameOf(checked),
      // A report dated next year does not count for its datasets until then.
      at: isTooFarInFuture(saidAt, receivedAt) ? receivedAt : saidAt,
      receivedAt,
      report,
    }
    const isNew = await insertFollowUp(trx, reported)
    const known = isNew ? undefined : await lockFollowUp(trx, reported)
    const kept = known === undefined ? reported : { ...reported, id: known.follow_up_id }
    if (known !== undefined) {
      const knownAt = new Date("hunt" in known.report ? known.report.huntedAt : known.report.purgedAt)
      if (saidAt.getTime() === knownAt.getTime()) return { status: "known" }
      if (saidAt < knownAt && !isTooFarInFuture(knownAt, receivedAt)) return { status: "older" }
      await replaceFollowUp(trx, kept)
    }
    const data = { source, ...countsOf(checked) }
    record({ type: kind === "hunt" ? "hunt.reported" : "purge.reported", subject: kept.id, data })
    return { status: known === undefined ? "accepted" : "replaced" }
  })
}

/** Hunts and purges of a dataset, last first, at most {@link MAX_SCAN_FOLLOW_UPS}. */
export async function readFollowUps(db: Kysely<Tables>, { source, dataset }: DatasetOfSource): Promise<FollowUp[]> {
  const rows = await listFollowUps(db, { source, dataset, limit: MAX_SCAN_FOLLOW_UPS })
  return rows.map(({ kind, name, at, received_at, report, state }) => ({
    kind,
    name,
    performedAt: at.toISOString(),
    receivedAt: received_at.toISOString(),
    items: "itemsRemoved" in report ? report.itemsRemoved : "items" in state ? sum(state.items) : 0,
    unfinished: "failed" in report ? sum(report.failed) > 0 : !("allShardsHunted" in state && state.allShardsHunted),
    inPlace: state.inPlace,
  }))
}

function nameOf({ kind, report }: CheckedFollowUp): string {
  return kind === "hunt" ? report.hunt : report.purge
}

function timeOf({ kind, report }: CheckedFollowUp): string {
  return kind === "hunt" ? report.huntedAt : report.purgedAt
}

/** Data of its event: counts, and whether it was complete. */
function countsOf({ kind, report }: CheckedFollowUp): { readonly [name: string]: JsonValue } {
  const datasets = report.datasets.length
  const inPlace = report.datasets.reduce((all, each) => all + each.inPlace.items, 0)
  if (kind === "purge") {
    const { itemsRemoved, samplesRemoved, gone, copy, failed } = report
    return { datasets, items: itemsRemoved, samples: samplesRemoved, gone, copy, failed: sum(failed), inPlace }
  }
  return {
    datasets,
    complete: datasets > 0 && report.datasets.every(({ allShardsHunted }) => allShardsHunted),
    screened: report.screened,
    fingerprints: report.datasets.reduce((all, { fingerprints }) => all + fingerprints, 0),
    items: report.datasets.reduce((all, { items: caseItems }) => all + sum(caseItems), 0),
    inPlace,
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0)
}

import { randomUUID } from "node:crypto"
import {
  MAX_SCAN_CASES,
  PUSHED_HUNT_FORMAT,
  PUSHED_PURGE_FORMAT,
  PUSHED_SCAN_FORMAT,
  type PushedScanAnswer,
  type ScanSummary,
  type SharedScanReport,
} from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import type { Actor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { AlarmPort } from "../findings/types.ts"
import { raiseOldKeyAlarm } from "../sources/handover.ts"
import type { LiveSource, Sources } from "../sources/types.ts"
import { checkReport } from "./check-report.ts"
import { keepFollowUp, readFollowUps } from "./follow-ups.ts"
import { type DatasetOfSource, type InPlaceOf, readInPlace } from "./in-place.ts"
import { findScan, insertScan, isFromTheFuture, listScans, lockScan, replaceReport, type ScanRow } from "./store.ts"
import type { ScanFindings, Scans } from "./types.ts"

/** Dependencies of {@link createScans}. */
export interface ScanDeps extends TransactDeps {
  readonly sources: Pick<Sources, "ofKey" | "list">
  readonly alarms: Pick<AlarmPort, "raiseNow">
  /** State of the findings of one scan of a source, by the source's own name of it. */
  readonly findingsOf: (source: string, scan: string) => Promise<ScanFindings>
}

/** A report that is refused raises an alarm about its source before the error is thrown. */
export function createScans(deps: ScanDeps): Scans {
  const { db, sources, alarms, findingsOf } = deps

  /** Names of sources, for people who may see them. */
  async function namesFor(actor: Actor): Promise<ReadonlyMap<string, string>> {
    if (!can(actor, "source:read")) return new Map()
    return new Map((await sources.list()).map(({ source, name }) => [source, name]))
  }

  return {
    receive: async (actor, scan, pushed) => {
      const source = await sources.ofKey(actor)
      const expected = { format: PUSHED_SCAN_FORMAT, source, kind: "scan", name: scan } as const
      const report = await checked(() => checkReport(pushed, expected), source)
      return storeReport(deps, { actor: actor.id, source: source.id }, report)
    },
    receiveHunt: async (actor, hunt, pushed) => {
      const source = await sources.ofKey(actor)
      const expected = { format: PUSHED_HUNT_FORMAT, source, kind: "hunt", name: hunt } as const
      const report = await checked(() => checkReport(pushed, expected), source)
      return keepFollowUp(deps, { actor: actor.id, source: source.id }, { kind: "hunt", report })
    },
    receivePurge: async (actor, purge, pushed) => {
      const source = await sources.ofKey(actor)
      const expected = { format: PUSHED_PURGE_FORMAT, source, kind: "purge", name: purge } as const
      const report = await checked(() => checkReport(pushed, expected), source)
      return keepFollowUp(deps, { actor: actor.id, source: source.id }, { kind: "purge", report })
    },
    list: async (actor, { source, after, limit }) => {
      const from = after === undefined ? undefined : await findScan(db, after)
      if (after !== undefined && from === undefined) throw new RequestError("not_found", "there is no such scan")
      const rows = await listScans(
        db,
        compact({
          limit: limit + 1,
          source,
          after: from,
        }),
      )
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      const [names, inPlaceOf] = await Promise.all([namesFor(actor), readInPlace(db, shown.map(datasetOf))])
      return compact({
        scans: shown.map((row) => toSummary(row, names, inPlaceOf)),
        next: last?.scan_id,
      })
    },
    get: async (actor, scanId) => {
      const row = await findScan(db, scanId)
      if (row === undefined) return undefined
      const dataset = datasetOf(row)
      const [{ byState, cases }, names, inPlaceOf, followUps] = await Promise.all([
        findingsOf(row.source_id, row.scan),
        namesFor(actor),
        readInPlace(db, [dataset]),
        readFollowUps(db, dataset),
      ])
      return {
        ...headOf(row, names),
        report: row.report,
        inPlace: currentInPlace(row, inPlaceOf),
        followUps,
        findings: { total: Object.values(byState).reduce((sum, count) => sum + count, 0), byState },
        caseCount: cases.length,
        ...compact({ cases: can(actor, "case:read") ? cases.slice(0, MAX_SCAN_CASES) : undefined }),
      }
    },
  }

  async function checked<Report>(check: () => Report, source: LiveSource): Promise<Report> {
    try {
      return check()
    } catch (error) {
      const isOldKey = error instanceof RequestError && error.details["reason"] === "key-replaced"
      if (isOldKey) await raiseOldKeyAlarm(alarms, source)
      else await alarms.raiseNow({ code: "scan-refused", subject: source.id })
      throw error
    }
  }
}

function storeReport(
  deps: TransactDeps,
  { actor, source }: { readonly actor: string; readonly source: string },
  report: SharedScanReport,
): Promise<PushedScanAnswer> {
  return transact(deps, actor, async ({ trx, record }) => {
    const receivedAt = deps.clock.now()
    const scanId = `scan-${randomUUID()}`
    const isNew = await insertScan(trx, { scanId, source }, { report, receivedAt })
    const known = isNew ? undefined : await lockScan(trx, source, report.scan)
    const ahead = known === undefined ? 1 : aheadOf(report, known.report, receivedAt)
    if (known !== undefined && ahead <= 0) return { scanId: known.scan_id, status: ahead === 0 ? "known" : "older" }
    if (known !== undefined) await replaceReport(trx, known.scan_id, { report, receivedAt })
    const { state, screened, totals, decisions, inPlace } = report
    record({
      type: "scan.reported",
      subject: known?.scan_id ?? scanId,
      data: { source, state, screened, items: totals.items, quarantined: decisions.quarantine, inPlace: inPlace.items },
    })
    return known === undefined ? { scanId, status: "accepted" } : { scanId: known.scan_id, status: "replaced" }
  })
}

/** How much later a report finished than the stored one, milliseconds. A report from the future is never ahead. */
function aheadOf(report: SharedScanReport, known: SharedScanReport, now: Date): number {
  const ahead = Date.parse(report.finishedAt) - Date.parse(known.finishedAt)
  return ahead < 0 && isFromTheFuture(known, now) ? 1 : ahead
}

function headOf(row: ScanRow, names: ReadonlyMap<string, string>) {
  const sourceName = names.get(row.source_id)
  return compact({
    scanId: row.scan_id,
    source: row.source_id,
    sourceName,
    receivedAt: row.received_at.toISOString(),
  })
}

function datasetOf({ source_id, report }: ScanRow): DatasetOfSource {
  return { source: source_id, dataset: report.dataset }
}

/** Known items in place in a scan's dataset; by the scan itself if it was replaced meanwhile. */
function currentInPlace(row: ScanRow, inPlaceOf: InPlaceOf): ScanSummary["inPlace"] {
  const { inPlace, state, screened } = row.report
  return (
    inPlaceOf(datasetOf(row)) ?? {
      ...inPlace,
      asOf: row.finished_at.toISOString(),
      reportKind: "scan",
      complete: state === "complete" && screened,
    }
  )
}

function toSummary(row: ScanRow, names: ReadonlyMap<string, string>, inPlaceOf: InPlaceOf): ScanSummary {
  const { report } = row
  const { scan, state, startedAt, finishedAt, screened, demo, totals, decisions, withheldSamples, coverage } = report
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, one) => all + one, 0)
  return {
    ...headOf(row, names),
    scan,
    state,
    startedAt,
    finishedAt,
    screened,
    demo,
    totals,
    decisions,
    withheldSamples,
    lists: coverage.lists,
    indexVersion: coverage.indexVersion,
    inPlace: currentInPlace(row, inPlaceOf),
    sealed: report.sealed,
    unscreenedShards: sum(report.poison) + sum(report.failed),
  }
}

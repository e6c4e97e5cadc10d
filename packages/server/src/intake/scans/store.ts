import type { SharedScanReport } from "@nightlight/contract/server"
import { DAY_MS } from "@nightlight/core"
import { type Kysely, type Selectable, sql, type Transaction } from "kysely"
import type { ScanTables } from "../../platform/db/tables/intake.ts"
import type { Tables } from "../../platform/db/tables.ts"

/** A row of `scans`. */
export type ScanRow = Selectable<ScanTables["scans"]>

/** Members of a scan that a later report changes. */
export interface NewReport {
  readonly report: SharedScanReport
  readonly receivedAt: Date
}

/** How far a clock of a workspace may be ahead of ours. */
const AHEAD_MS = DAY_MS

/** Whether a time that a workspace states is more than a day ahead of our clock. */
export function isTooFarInFuture(time: Date, now: Date): boolean {
  return time.getTime() > now.getTime() + AHEAD_MS
}

/** Whether a report states an end that is more than a day ahead of our clock. */
export function isFromTheFuture({ finishedAt }: SharedScanReport, now: Date): boolean {
  return isTooFarInFuture(new Date(finishedAt), now)
}

/** When it finished, for the order of scans: a report dated next year does not come first until then. */
function finishedAtOf({ report, receivedAt }: NewReport): Date {
  return isFromTheFuture(report, receivedAt) ? receivedAt : new Date(report.finishedAt)
}

/** Inserts a row of `scans`. Returns `false`, and changes nothing, if the source has reported on this scan before. */
export async function insertScan(
  trx: Transaction<Tables>,
  { scanId, source }: { readonly scanId: string; readonly source: string },
  { report, receivedAt }: NewReport,
): Promise<boolean> {
  const added = await trx
    .insertInto("scans")
    .values({
      scan_id: scanId,
      source_id: source,
      scan: report.scan,
      state: report.state,
      finished_at: finishedAtOf({ report, receivedAt }),
      received_at: receivedAt,
      report: JSON.stringify(report),
    })
    .onConflict((conflict) => conflict.columns(["source_id", "scan"]).doNothing())
    .executeTakeFirst()
  return (added.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Overwrites report, state and times of a row of `scans`. The caller has checked that the report is the later one. */
export async function replaceReport(
  trx: Transaction<Tables>,
  scanId: string,
  { report, receivedAt }: NewReport,
): Promise<void> {
  await trx
    .updateTable("scans")
    .set({
      state: report.state,
      finished_at: finishedAtOf({ report, receivedAt }),
      received_at: receivedAt,
      report: JSON.stringify(report),
    })
    .where("scan_id", "=", scanId)
    .execute()
}

/** A scan of a source by the source's own name, locked until the transaction ends. */
export function lockScan(trx: Transaction<Tables>, source: string, scan: string): Promise<ScanRow | undefined> {
  return trx
    .selectFrom("scans")
    .selectAll()
    .where("source_id", "=", source)
    .where("scan", "=", scan)
    .forUpdate()
    .executeTakeFirst()
}

/** Reads a scan; `undefined` if there is none with this id. */
export function findScan(db: Kysely<Tables>, scanId: string): Promise<ScanRow | undefined> {
  return db.selectFrom("scans").selectAll().where("scan_id", "=", scanId).executeTakeFirst()
}

/** Scans, last finished first. */
export function listScans(
  db: Kysely<Tables>,
  query: { readonly source?: string; readonly after?: ScanRow; readonly limit: number },
): Promise<ScanRow[]> {
  const { source, after, limit } = query
  let select = db.selectFrom("scans").selectAll().orderBy("finished_at", "desc").orderBy("scan_id", "desc").limit(limit)
  if (source !== undefined) select = select.where("source_id", "=", source)
  if (after !== undefined) {
    select = select.where(sql<boolean>`(finished_at, scan_id) < (${after.finished_at}, ${after.scan_id})`)
  }
  return select.execute()
}

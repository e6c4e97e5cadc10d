/**
 * After a restore: compares the filings in the custodian's journal with what the restored database knows, before
 * anything is filed again.
 * @module
 */

import type { FilingJournals } from "@nightlight/contract/custodian"
import type { Clock } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { z } from "zod"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { transact } from "../../platform/events/transact.ts"
import type { RestoreReconciled } from "../restores/reconcile.ts"
import { isFilingPaused, resumeFiling } from "./filing-pause.ts"
import type { Tasks } from "./tasks.ts"

/** State of a report in the database. */
export interface ReportStatus {
  readonly state: string
  readonly grantId: string | undefined
}

/** Dependencies of {@link createReconcile}. */
export interface ReconcileDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly custodian: Pick<CustodianClient, "filings">
  readonly tasks: Tasks
  readonly reportStatusOf: (db: Kysely<Tables>, reportId: string) => Promise<ReportStatus | undefined>
  /** Ids of all reports that the custodian finished, by the database. */
  readonly finishedReports: (db: Kysely<Tables>) => Promise<readonly string[]>
}

/** Result of the comparison. */
export interface FilingsReconciled {
  /** Filings in the custodian's journal. */
  readonly compared: number
  /** Filings that the database knows differently, and that no person has handled yet. */
  readonly differing: number
  /** Whether filing stays paused. */
  readonly paused: boolean
}

/** Result of the whole reconciliation. */
export interface Reconciled extends FilingsReconciled {
  /** Actions in the custodian's journal that were repeated. */
  readonly replayed: number
  /** Keys and sources that an administrator must confirm or revoke. */
  readonly suspended: readonly string[]
  /** Whether work is left: keys and all people but administrators stay suspended. */
  readonly open: boolean
  /** Time of the last action that the custodian remembers and that happened after the backup. */
  readonly lostUntil?: string
}

/** Reconciles everything else first, since a repeated action may affect what is filed. */
export async function reconcileAll(
  rest: () => Promise<RestoreReconciled>,
  filings: () => Promise<FilingsReconciled>,
): Promise<Reconciled> {
  const { isOpen, replayed, differing, suspended, lostUntil } = await rest()
  const compared = await filings()
  return compact({
    compared: compared.compared,
    differing: compared.differing + differing,
    paused: compared.paused,
    replayed,
    suspended,
    open: isOpen || compared.paused,
    lostUntil: lostUntil?.toISOString(),
  })
}

const KIND = "filing-differs"
const ACTOR = "system-host"

/**
 * Makes the comparison. Each filing that differs between the database and the custodian becomes a task; filing goes on
 * when none is open. Safe to repeat.
 *
 * Throws `DependencyError` `unavailable` if the custodian does not answer; then filing stays paused.
 */
export function createReconcile({
  db,
  clock,
  custodian,
  tasks,
  reportStatusOf,
  finishedReports,
}: ReconcileDeps): () => Promise<FilingsReconciled> {
  return async () => {
    const { filings } = await custodian.filings()
    return transact({ db, clock }, ACTOR, async (step) => {
      let differing = 0
      const differs = async (subject: string, code: string): Promise<void> => {
        await tasks.add(step, { kind: KIND, subject, code })
        if (await tasks.isOpen(step.trx, KIND, subject)) differing++
      }
      for (const filing of filings) {
        const code = differenceOf(filing, await reportStatusOf(step.trx, filing.reportId))
        if (code !== undefined) await differs(filing.reportId, code)
      }
      const filed = new Set(filings.map(({ reportId }) => reportId))
      for (const reportId of await finishedReports(step.trx)) {
        if (!filed.has(reportId)) await differs(reportId, "finished-here-alone")
      }
      if (differing === 0) await resumeFiling(step, { compared: filings.length })
      return { compared: filings.length, differing, paused: differing > 0 && (await isFilingPaused(step.trx)) }
    })
  }
}

type Filing = z.infer<typeof FilingJournals>["filings"][number]

/** States of an attempt that left something at the CyberTipline, or may have. */
const LASTING = ["opening", "opened", "finishing", "finished"]

/**
 * How a filing differs from what the database knows of it; `undefined` if resuming the filing settles it, since it asks
 * the custodian before every step.
 */
function differenceOf({ attempts, grantId }: Filing, report: ReportStatus | undefined): string | undefined {
  const lasting = attempts.find(({ state }) => LASTING.includes(state))
  if (lasting === undefined) return report?.state === "finished" ? "finished-here-alone" : undefined
  if (report === undefined) return "report-unknown"
  if (report.state === "finished") return lasting.state === "finished" ? undefined : "finished-here-alone"
  if (report.grantId !== grantId) return "grant-unknown"
  return report.state === "approved" || report.state === "held" ? undefined : "state-differs"
}

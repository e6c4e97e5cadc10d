/**
 * Steps that a restored database needs before everybody may come back.
 * @module
 */
import type { Casework } from "../../casework/feature.ts"
import type { Filing } from "../../filing/feature.ts"
import { finishedReports, reportStatusOf } from "../../filing/reports/status.ts"
import type { Incoming } from "../../intake/feature.ts"
import type { Feature } from "../../platform/feature.ts"
import type { Shared } from "../../platform/shared.ts"
import type { Staff } from "../../staff/feature.ts"
import { createReconcile, type Reconciled, reconcileAll } from "../operations/reconcile.ts"
import type { Tasks } from "../operations/tasks.ts"
import { watchBackupsJob } from "../operations/watch-backups.ts"
import { markRestored, type RestoredBackup } from "./mark-restored.ts"
import { readOpenRestore } from "./open-restore.ts"
import { createRestoreReconcile } from "./reconcile.ts"
import { createReplay } from "./replay.ts"
import { restoreRoutes } from "./routes.ts"
import { createNoticesJob } from "./send-notices.ts"
import { createSuspended, type Suspended } from "./suspended.ts"

/** Steps after a restore. */
export interface Restores {
  readonly feature: Feature
  readonly suspended: Suspended
  readonly reconcile: () => Promise<Reconciled>
  /** Marks a restored database, before anything else runs on it. */
  readonly mark: (backup: RestoredBackup) => Promise<void>
}

/** Parts of other features that restores use. */
export interface RestorePorts {
  readonly staff: Staff
  readonly incoming: Pick<Incoming, "sources" | "falsePositives">
  readonly casework: Casework
  readonly filing: Filing
  readonly tasks: Tasks
}

/** Whether a restore is open is read at each call, so nothing has to be restarted after it. */
export function createRestores(shared: Shared, ports: RestorePorts): Restores {
  const { staff, casework, filing, tasks } = ports
  const { sources, falsePositives } = ports.incoming
  const { db, clock, custodian, log } = shared
  const { people, keys, signIn } = staff
  const suspended = createSuspended({ db, clock, keys, sources })
  const replay = createReplay({
    people,
    keys,
    sources,
    preservation: filing.preservationReplay,
    falsePositives,
    cases: casework.cases,
    clock,
  })
  const rest = createRestoreReconcile({ db, clock, custodian, tasks, replay, suspended })
  const filings = createReconcile({ ...shared, tasks, reportStatusOf: reportStatusOf, finishedReports })
  const reconcile = () => reconcileAll(rest, filings)
  return {
    suspended,
    reconcile,
    mark: (backup) => markRestored({ db, clock, people, signIn }, backup),
    feature: {
      name: "restores",
      routes: (app) => restoreRoutes(app, { open: () => readOpenRestore(db), suspended, reconcile }),
      jobs: [
        watchBackupsJob({ db, clock, alarms: staff.alarms, everyHours: shared.config.backup.everyHours }),
        createNoticesJob({ db, custodian, log, alarms: staff.alarms }),
      ],
    },
  }
}

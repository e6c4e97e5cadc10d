/**
 * What sources say of themselves, and what people say of lists.
 * @module
 */

import { basesOf } from "../../casework/review/bases.ts"
import type { EntryWatch } from "../../filing/automatic/entries.ts"
import { falsePositiveAct } from "../../intake/false-positives/act.ts"
import { disputeRoutes } from "../../intake/false-positives/routes.ts"
import { createDisputes, type Disputes } from "../../intake/false-positives/service.ts"
import { guardRoutes } from "../../intake/guards/routes.ts"
import { createGuards } from "../../intake/guards/service.ts"
import { readLists } from "../../intake/lists/overview.ts"
import { listRoutes } from "../../intake/lists/routes.ts"
import { scanRoutes } from "../../intake/scans/routes.ts"
import { createScans } from "../../intake/scans/service.ts"
import type { Feature } from "../../platform/feature.ts"
import type { Shared } from "../../platform/shared.ts"
import type { Casework } from "./casework.ts"
import type { Incoming } from "./intake.ts"
import type { Staff } from "./staff.ts"

/** What it needs of others. */
export interface ReportedPorts {
  readonly staff: Pick<Staff, "alarms" | "acts">
  readonly casework: Pick<Casework, "cases">
  readonly incoming: Pick<Incoming, "sources" | "intake" | "index">
  /** Which list entries matched how much. */
  readonly entries: Pick<EntryWatch, "broadByList">
}

/** What was screened, guarded and disputed. */
export interface Reported {
  readonly disputes: Disputes
  readonly feature: Feature
}

/** Makes it. */
export function createReported(shared: Shared, { staff, casework, incoming, entries }: ReportedPorts): Reported {
  const { db, clock, digests } = shared
  const { sources, intake, index } = incoming
  const { acts, alarms } = staff
  const { cases } = casework
  const scans = createScans({
    db,
    clock,
    sources,
    alarms,
    findingsOf: (source, scan) => intake.ofScan(source, scan),
  })
  const guards = createGuards({ db, clock, sources })
  acts.register(falsePositiveAct({ clock }))
  const disputes = createDisputes({
    db,
    clock,
    digests,
    index,
    cases,
    acts,
    basesOf: (caseId, person) => basesOf(db, caseId, person),
    reopenSuppressed: (under) => intake.reopenSuppressed(under),
  })
  const lists = () =>
    readLists({
      db,
      clock,
      index,
      outcomes: () => cases.listOutcomes(),
      broadByList: () => entries.broadByList(),
      disputes: () => disputes.counts(),
    })
  return {
    disputes,
    feature: {
      name: "reported",
      routes: (app) => {
        scanRoutes(app, { scans })
        guardRoutes(app, { guards })
        listRoutes(app, { lists })
        disputeRoutes(app, { disputes })
      },
    },
  }
}

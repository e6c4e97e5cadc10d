/**
 * What sources say of themselves, and what people say of lists.
 * @module
 */
import type { EntryWatch } from "../automatic/entries.ts"
import { falsePositiveAct } from "../disputes/act.ts"
import { disputeRoutes } from "../disputes/routes.ts"
import { createDisputes, type Disputes } from "../disputes/service.ts"
import type { Feature } from "../feature.ts"
import { guardRoutes } from "../guards/routes.ts"
import { createGuards } from "../guards/service.ts"
import { readLists } from "../lists/overview.ts"
import { listRoutes } from "../lists/routes.ts"
import { basesOf } from "../review/bases.ts"
import { scanRoutes } from "../scans/routes.ts"
import { createScans } from "../scans/service.ts"
import type { Casework } from "./casework.ts"
import type { Incoming } from "./intake.ts"
import type { Shared } from "./shared.ts"
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

/**
 * What sources say of themselves.
 * @module
 */
import type { Feature } from "../feature.ts"
import { guardRoutes } from "../guards/routes.ts"
import { createGuards } from "../guards/service.ts"
import { scanRoutes } from "../scans/routes.ts"
import { createScans } from "../scans/service.ts"
import type { Incoming } from "./intake.ts"
import type { Shared } from "./shared.ts"
import type { Staff } from "./staff.ts"

/** What it needs of others. */
export interface ReportedPorts {
  readonly staff: Pick<Staff, "alarms">
  readonly incoming: Pick<Incoming, "sources" | "intake">
}

/** Makes it. */
export function createReported({ db, clock }: Shared, { staff, incoming }: ReportedPorts): Feature {
  const { sources, intake } = incoming
  const scans = createScans({
    ...{ db, clock, sources, alarms: staff.alarms },
    findingsOf: (source, scan) => intake.ofScan(source, scan),
  })
  const guards = createGuards({ db, clock, sources })
  return {
    name: "reported",
    routes: (app) => {
      scanRoutes(app, { scans })
      guardRoutes(app, { guards })
    },
  }
}

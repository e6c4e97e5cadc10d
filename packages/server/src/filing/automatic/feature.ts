/**
 * Automatic filing as an optional part of the server: only `app/features.ts` imports this folder.
 * @module
 */

import type { Feature } from "../../platform/feature.ts"
import type { Shared } from "../../platform/shared.ts"
import type { AutomaticPorts } from "../feature.ts"
import { automateApproval } from "./approval.ts"
import { fileAutomaticallyJob } from "./jobs/file-automatically.ts"
import { automationRoutes } from "./routes.ts"
import { createAutomation } from "./service.ts"
import { automaticTemplate } from "./template.ts"

/** Registers its approval; its job files only under filing authorisations that two people switched on. */
export function automaticFiling(shared: Shared, ports: AutomaticPorts): Feature {
  const { db, clock, custodian, config } = shared
  const { staff, casework, incoming, reports, drafts, isPaused } = ports
  const { environment } = config.reports
  staff.approvals.register(automateApproval({ custodian }))
  const automation = createAutomation({
    db,
    clock,
    approvals: staff.approvals,
    custodian,
    environment,
    template: () => automaticTemplate(config.organisation, clock.now()),
  })
  return {
    name: "automation",
    routes: (app) => automationRoutes(app, { automation }),
    jobs: [
      fileAutomaticallyJob({
        db,
        clock,
        alarms: staff.alarms,
        cases: casework.cases,
        review: casework.review,
        entries: incoming.entries,
        reports,
        drafts,
        custodian,
        isPaused,
        environment,
      }),
    ],
  }
}

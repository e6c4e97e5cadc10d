/**
 * Makes the rooms of the server, each from what it needs of the rooms below it; the only place that knows them all.
 * Where a step of a case needs a room above, that room passes a hook; `case-story.ts` lists the steps.
 * @module
 */
import { findIsolation } from "@nightlight/screening"
import { createCasework } from "../casework/feature.ts"
import { automaticFiling } from "../filing/automatic/feature.ts"
import { createFiling, type FilingPorts } from "../filing/feature.ts"
import type { PreservationService } from "../filing/preservation/service.ts"
import { createIncoming } from "../intake/feature.ts"
import { createSources } from "../intake/sources/service.ts"
import type { ConsoleFiles } from "../oversight/console/files.ts"
import { createOversight, type Oversight } from "../oversight/feature.ts"
import { createFilingGate } from "../oversight/operations/filing-gate.ts"
import { createRestoreGate } from "../oversight/restores/open-restore.ts"
import type { Authenticate, Feature } from "../platform/feature.ts"
import type { Shared } from "../platform/shared.ts"
import { createStaff } from "../staff/feature.ts"
import type { SignIn } from "../staff/sign-in/service.ts"

/** The service's parts. */
export interface Features extends Pick<Oversight, "tasks" | "health" | "restores" | "verification"> {
  readonly features: readonly Feature[]
  readonly authenticate: Authenticate
  readonly signIn: SignIn
  /** Closes what features hold open: an index, a decoder. */
  close(): Promise<void>
}

/** Features that an installation may be built without. */
export type OptionalFeatures = Pick<FilingPorts, "automatic">

/** To leave a feature out, remove its line here, its import and its folder. */
const OPTIONAL: OptionalFeatures = {
  automatic: automaticFiling,
}

/**
 * Makes every room.
 *
 * @param console - The console's files, where it was built and this process serves it.
 */
export function createFeatures(
  shared: Shared,
  console: ConsoleFiles | undefined,
  optional: OptionalFeatures = OPTIONAL,
): Features {
  const { db, clock } = shared
  const restore = createRestoreGate(db)
  const sources = createSources({ db, clock, isSuspended: (id) => restore.isSuspended(id) })
  const staff = createStaff(shared, { isSource: (source) => sources.isLive(source), restore })
  // Preservation follows decisions and reads cases, so it must exist before the first decision settles.
  let preservation: PreservationService | undefined
  const casework = createCasework(shared, {
    staff,
    decided: [
      async (tx, { caseId, outcome, test }) => {
        if (outcome !== "reportable" || test) await preservation?.caseCleared(tx, caseId)
      },
    ],
  })
  const incoming = createIncoming(shared, {
    staff,
    casework,
    sources,
    onVerified: async (tx, { evidence }, caseId) => {
      if (evidence !== undefined) await preservation?.evidenceCame(tx, { caseId, evidenceId: evidence.evidenceId })
    },
  })
  const gate = createFilingGate({ ...shared, alarms: staff.alarms, isolation: findIsolation })
  const filing = createFiling(shared, {
    staff,
    casework,
    incoming,
    isPaused: async () => (await gate()) !== undefined,
    isRestoring: async () => (await restore.current()) !== undefined,
    ...optional,
  })
  preservation = filing.preservation
  const oversight = createOversight(shared, { staff, casework, incoming, filing, gate, console })
  const { tasks, health, restores, verification } = oversight
  return {
    features: [staff.feature, casework.feature, ...incoming.features, ...filing.features, ...oversight.features],
    authenticate: staff.authenticate,
    signIn: staff.signIn,
    tasks,
    health,
    restores,
    verification,
    close: async () => {
      oversight.close()
      await incoming.close()
    },
  }
}

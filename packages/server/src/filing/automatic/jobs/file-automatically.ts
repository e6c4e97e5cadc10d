/**
 * Files the cases that filing authorisations permit to be filed without a person: each minute, a few at a time.
 * @module
 */
import type { CustodianClient } from "../../../platform/custodian/port.ts"
import { transact } from "../../../platform/events/transact.ts"
import { everyMinute, type JobDefinition } from "../../../platform/jobs/job.ts"
import { type FileCaseDeps, fileCase, noNewItemsSince } from "../file-case.ts"
import { findCandidates, listAuthorisations, readAuthorisation, writeState } from "../store.ts"
import { AUTOMATIC, type StoredAuthorisation } from "../types.ts"

/** Dependencies of {@link fileAutomaticallyJob}. */
export interface FileAutomaticallyDeps extends FileCaseDeps {
  readonly custodian: Pick<CustodianClient, "state" | "authorisations">
  /** Whether filing is paused. */
  readonly isPaused: () => Promise<boolean>
}

const BATCH_SIZE = 20

/** Makes the job. It does nothing without a filing authorisation that the custodian has too. */
export function fileAutomaticallyJob(deps: FileAutomaticallyDeps): JobDefinition<Record<string, never>> {
  return everyMinute(
    "file-automatically",
    async (signal) => {
      const live = await listAuthorisations(deps.db, "live")
      if (live.length === 0 || (await deps.isPaused())) return
      if ((await deps.custodian.state()).state !== "ready") return
      const { authorisations } = await deps.custodian.authorisations()
      for (const known of live) {
        const entry = authorisations.find(
          ({ authorisationId }) => authorisationId === known.authorisation.authorisationId,
        )
        if (entry?.live === true) await fileUnder(deps, known, signal)
        else await endLocally(deps, known)
      }
    },
    { expireSeconds: 600 },
  )
}

async function fileUnder(deps: FileAutomaticallyDeps, { authorisation }: StoredAuthorisation, signal: AbortSignal) {
  if (authorisation.environment !== deps.environment) return
  const now = deps.clock.now()
  const query = { lists: authorisation.lists, now, quietSince: noNewItemsSince(now), limit: BATCH_SIZE }
  for (const caseId of await findCandidates(deps.db, query)) {
    if (signal.aborted || (await fileCase(deps, caseId, authorisation)) === "capped") return
  }
}

/** The custodian no longer has it: it expired, was ended there, or one of its people is no longer trusted. */
async function endLocally(deps: FileAutomaticallyDeps, { authorisation }: StoredAuthorisation): Promise<void> {
  const { authorisationId } = authorisation
  await transact(deps, AUTOMATIC, async (tx) => {
    // One of its people may have ended it since it was listed.
    if ((await readAuthorisation(tx.trx, authorisationId, true))?.state !== "live") return
    await writeState(tx.trx, authorisationId, { state: "ended", endedAt: deps.clock.now() })
    tx.record({ type: "automation.switched-off", subject: authorisationId, data: { by: AUTOMATIC } })
    await deps.alarms.raise(tx, { code: "automatic-filing-ended", subject: authorisationId })
  })
}

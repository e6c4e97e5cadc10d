import { type Clock, NightlightError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { CustodianClient } from "../../../platform/custodian/port.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { inTransaction } from "../../../platform/db/transaction.ts"
import { everyMinute, type JobDefinition, type Jobs } from "../../../platform/jobs/job.ts"
import type { LiveIndex } from "../../lists/live-index.ts"
import { findWaiting, reopenDenied } from "../store.ts"
import { VERIFY_FINDING } from "../types.ts"
import { RETRYABLE_CODES } from "../verify-finding.ts"

/** Dependencies of {@link verifyWaitingJob}. */
export interface VerifyWaitingDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly custodian: Pick<CustodianClient, "state">
  readonly index: LiveIndex
  readonly jobs: Jobs
}

const BATCH_SIZE = 500
const TRIED_BEFORE_MS = 60_000

/**
 * The job that queues waiting findings once the custodian is unlocked and an index is live, and findings that an older
 * index denied. Runs every minute.
 */
export function verifyWaitingJob(deps: VerifyWaitingDeps): JobDefinition<Record<string, never>> {
  return everyMinute("verify-waiting-findings", async () => {
    const { db, clock, index, jobs } = deps
    await index.refresh().catch(passOver)
    const { version } = index.state()
    if (version === undefined || !(await isReady(deps.custodian))) return
    await inTransaction(db, async (trx) => {
      await reopenDenied(trx, version, BATCH_SIZE)
      const before = new Date(clock.now().getTime() - TRIED_BEFORE_MS)
      for (const received of await findWaiting(trx, { reasons: RETRYABLE_CODES, before, limit: BATCH_SIZE })) {
        await jobs.enqueue(trx, VERIFY_FINDING, { received }, { singletonKey: received })
      }
    })
  })
}

/** A part that does not answer now is tried again in a minute. */
function passOver(error: unknown): void {
  if (!(error instanceof NightlightError)) throw error
}

async function isReady(custodian: VerifyWaitingDeps["custodian"]): Promise<boolean> {
  try {
    return (await custodian.state()).state === "ready"
  } catch (error) {
    if (error instanceof NightlightError) return false
    throw error
  }
}

/**
 * Raises alarms about a custodian that waits for its passphrase, does not answer, or does not trust its own folder.
 * @module
 */
import type { AlarmCode } from "@nightlight/contract/server"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { PagerCode } from "../../platform/db/tables/staff.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { everyMinute, type JobDefinition } from "../../platform/jobs/job.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { PagerPort } from "../../staff/pager/types.ts"

/** Dependencies of {@link watchCustodian}. */
export interface WatchCustodianDeps extends TransactDeps {
  readonly custodian: Pick<CustodianClient, "state">
  readonly alarms: Pick<Alarms, "raise" | "about">
  readonly pager: Pick<PagerPort, "page">
}

const SUBJECT = "installation"
const SYSTEM = "system-custodian"

type Fault = Extract<AlarmCode, PagerCode>

/** Checks once a minute. While an alarm of a kind is open it is counted, and nobody is paged a second time. */
export function watchCustodian(deps: WatchCustodianDeps): JobDefinition<Record<string, never>> {
  const { custodian, alarms, pager } = deps
  /** A custodian that is being restarted does not answer either. */
  let wasSilent = false

  async function readFault(): Promise<Fault | undefined> {
    const answer = await custodian.state().catch(() => undefined)
    const isSilentAgain = answer === undefined && wasSilent
    wasSilent = answer === undefined
    if (answer === undefined) return isSilentAgain ? "custodian-unreachable" : undefined
    // A changed configuration is mostly the operator's own doing: it waits for a confirmation, as for a passphrase.
    if (answer.doubt === "journal" || answer.doubt === "enrolments") return "custodian-doubted"
    return answer.state === "locked" ? "custodian-locked" : undefined
  }

  return everyMinute("watch-custodian", async () => {
    const code = await readFault()
    if (code === undefined) return
    const [last] = await alarms.about(code, [SUBJECT])
    const isOpen = last !== undefined && last.acknowledgedAt === undefined
    await transact(deps, SYSTEM, async (tx) => {
      await alarms.raise(tx, { code, subject: SUBJECT })
      if (!isOpen) await pager.page(tx, { code, subject: SUBJECT })
    })
  })
}

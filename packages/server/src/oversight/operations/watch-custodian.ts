/**
 * Sees to it that somebody hears of a custodian that waits for its passphrase, does not answer, or does not believe its
 * own folder.
 * @module
 */
import type { AlarmCode } from "@nightlight/contract/server"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { PagerCode } from "../../platform/db/tables/staff.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { everyMinute } from "../../platform/jobs/every-minute.ts"
import type { JobDefinition } from "../../platform/jobs/job.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { PagerPort } from "../../staff/pager/types.ts"

/** What the job works with. */
export interface WatchCustodianDeps extends TransactDeps {
  readonly custodian: Pick<CustodianClient, "state">
  readonly alarms: Pick<Alarms, "raise" | "about">
  readonly pager: Pick<PagerPort, "page">
}

const SUBJECT = "installation"
const SYSTEM = "system-custodian"

type Fault = Extract<AlarmCode, PagerCode>

/** Viewings once a minute. While one alarm of a kind stands open it is counted, and nobody is called a second time. */
export function watchCustodian(deps: WatchCustodianDeps): JobDefinition<Record<string, never>> {
  const { custodian, alarms, pager } = deps
  /** One that is just being started again does not answer either. */
  let wasSilent = false

  async function readFault(): Promise<Fault | undefined> {
    const answer = await custodian.state().catch(() => undefined)
    const isSilentAgain = answer === undefined && wasSilent
    wasSilent = answer === undefined
    if (answer === undefined) return isSilentAgain ? "custodian-unreachable" : undefined
    // A changed configuration is the operator's own doing, most of the time: it waits for a word like a passphrase.
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

/**
 * Whether reports may be filed now, and if not, why: after a restore until it was reconciled, and for good where the
 * custodian of a production installation is no OS user of its own and nobody has accepted that.
 * @module
 */
import type { Kysely } from "kysely"
import type { Alarms } from "../alarms/service.ts"
import type { ServerConfig } from "../config/schema.ts"
import type { CustodianClient } from "../custodian/port.ts"
import type { Tables } from "../db/tables.ts"
import { isFilingPaused } from "./filing-pause.ts"

/** Why nothing is filed. */
export type FilingHold = "restored" | "custody-shared"

/** Of the configuration, what decides. */
export interface FilingTerms {
  readonly reports: Pick<ServerConfig["reports"], "environment" | "sharedCustody">
}

/** What {@link createFilingGate} needs. */
export interface FilingGateDeps {
  readonly db: Kysely<Tables>
  readonly custodian: Pick<CustodianClient, "state">
  readonly config: FilingTerms
  readonly alarms: Pick<Alarms, "raiseNow">
}

/**
 * Makes the gate. Shared custody raises an alarm whenever it holds a filing up; so does, without holding anything up, a
 * production custodian that takes reports from kept keys, which ask nobody for a gesture.
 *
 * @returns Tells why nothing is filed now; `undefined` if nothing is in the way, or if the custodian does not answer:
 *   without it nothing can be filed anyway.
 */
export function createFilingGate({
  db,
  custodian,
  config,
  alarms,
}: FilingGateDeps): () => Promise<FilingHold | undefined> {
  return async () => {
    const paused = await isFilingPaused(db)
    const isAsked = !paused && config.reports.environment === "production"
    const state = isAsked ? await custodian.state().catch(() => undefined) : undefined
    const hold = filingHoldOf({ paused, custody: state?.custody, config })
    if (hold === "custody-shared") await alarms.raiseNow({ code: "custody-shared", subject: "installation" })
    if (state !== undefined && !state.passkeys.require.includes("filing")) {
      await alarms.raiseNow({ code: "kept-key-files", subject: "installation" })
    }
    return hold
  }
}

/** Why nothing is filed, by what is known; the gate itself asks the custodian, and raises the alarm. */
export function filingHoldOf({
  paused,
  custody,
  config,
}: {
  readonly paused: boolean
  readonly custody: string | undefined
  readonly config: FilingTerms
}): FilingHold | undefined {
  if (paused) return "restored"
  return minds(config) && custody === "shared" ? "custody-shared" : undefined
}

/** Whether it matters that the custodian is an OS user of its own. */
function minds({ reports: { environment, sharedCustody } }: FilingTerms): boolean {
  return environment === "production" && sharedCustody !== "accept"
}

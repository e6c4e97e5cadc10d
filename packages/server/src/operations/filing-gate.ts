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

/** What {@link createFilingGate} needs. */
export interface FilingGateDeps {
  readonly db: Kysely<Tables>
  readonly custodian: Pick<CustodianClient, "state">
  readonly config: Pick<ServerConfig, "reports">
  readonly alarms: Pick<Alarms, "raiseNow">
}

/**
 * Makes the gate. Shared custody raises an alarm whenever it holds a filing up.
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
  const { environment, sharedCustody } = config.reports
  return async () => {
    if (await isFilingPaused(db)) return "restored"
    if (environment !== "production" || sharedCustody === "accept") return undefined
    const state = await custodian.state().catch(() => undefined)
    if (state?.custody !== "shared") return undefined
    await alarms.raiseNow({ code: "custody-shared", subject: "installation" })
    return "custody-shared"
  }
}

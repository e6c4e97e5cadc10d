/**
 * Decides whether reports may be filed now: not after a restore until it is reconciled, and not in production if the
 * custodian has no OS user of its own, or nothing isolates a decoder, unless the operator accepted that.
 * @module
 */
import type { DecodingState, Isolation } from "@nightlight/core"
import type { Kysely } from "kysely"
import { decodingOf, type IsolationTerms } from "../../platform/config/isolation.ts"
import type { ServerConfig } from "../../platform/config/schema.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import { isFilingPaused } from "./filing-pause.ts"

/** Why filing is paused. */
export type FilingHold = "restored" | "custody-shared" | "decoder-not-isolated"

/** Returns why filing is paused; `undefined` if it is not. */
export type FilingGate = () => Promise<FilingHold | undefined>

/** The members of the configuration that decide. */
export interface FilingTerms {
  readonly reports: Pick<ServerConfig["reports"], "environment" | "sharedCustody">
}

/** Dependencies of {@link createFilingGate}. */
export interface FilingGateDeps {
  readonly db: Kysely<Tables>
  readonly custodian: Pick<CustodianClient, "state">
  readonly config: FilingTerms & IsolationTerms
  /** Isolation of this process's decoders. */
  readonly isolation: () => Promise<Isolation>
  readonly alarms: Pick<Alarms, "raiseNow">
}

/**
 * Makes the gate. Shared custody and an unisolated decoder raise an alarm whenever they block filing. A production
 * custodian that accepts reports from kept keys, which need no gesture, raises one too, without blocking.
 *
 * @returns Why filing is paused; `undefined` if it is not, or if the custodian does not answer: without it nothing can
 *   be filed anyway.
 */
export function createFilingGate({ db, custodian, config, isolation, alarms }: FilingGateDeps): FilingGate {
  return async () => {
    const paused = await isFilingPaused(db)
    const isAsked = !paused && config.reports.environment === "production"
    const state = isAsked ? await custodian.state().catch(() => undefined) : undefined
    const decoding = isAsked ? decodingOf(config, await isolation().catch(() => undefined)) : "unknown"
    const hold = filingHoldOf({
      paused,
      custody: state?.custody,
      decoding,
      custodianDecoding: state?.decoding ?? "unknown",
      config,
    })
    if (hold !== undefined && hold !== "restored") await alarms.raiseNow({ code: hold, subject: "installation" })
    if (state !== undefined && !state.passkeys.require.includes("filing")) {
      await alarms.raiseNow({ code: "kept-key-files", subject: "installation" })
    }
    return hold
  }
}

/** Why filing is paused, by what is known; the gate itself asks the custodian, and raises the alarm. */
export function filingHoldOf({
  paused,
  custody,
  decoding,
  custodianDecoding,
  config,
}: {
  readonly paused: boolean
  readonly custody: string | undefined
  readonly decoding: DecodingState
  readonly custodianDecoding: DecodingState
  readonly config: FilingTerms
}): FilingHold | undefined {
  if (paused) return "restored"
  const { environment, sharedCustody } = config.reports
  if (environment !== "production") return undefined
  if (custody === "shared" && sharedCustody !== "accept") return "custody-shared"
  return decoding === "refused" || custodianDecoding === "refused" ? "decoder-not-isolated" : undefined
}

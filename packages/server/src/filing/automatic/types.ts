/**
 * Filing by policy: reports on exact matches of trusted lists, under a standing authorisation of two people.
 * @module
 */

import type { GrantProof, Standing } from "@nightlight/contract/custodian"
import type { StandingState } from "../../platform/db/tables/filing.ts"
import { UNATTENDED } from "../reports/unattended.ts"

/** A standing authorisation as the server knows it. The custodian's journal has the last word. */
export interface StoredStanding {
  readonly standing: Standing
  readonly proofs: readonly GrantProof[]
  readonly state: StandingState
  readonly madeBy: string
  readonly madeAt: Date
  readonly endedAt: Date | undefined
}

/** How long nothing must have joined a case before it is filed, minutes: a scan pushes its items one after another. */
export const QUIET_MINUTES = 10

/** Id of whoever decides and prepares where nobody does. */
export const AUTOMATIC = UNATTENDED

/** The event that each automatic filing is counted by; its subject is the standing authorisation. */
export const APPROVED_EVENT = "report.approved-automatically"

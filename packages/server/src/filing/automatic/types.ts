/**
 * Automatic filing: reports on exact matches of trusted lists, under a filing authorisation of two people.
 * @module
 */

import type { FilingAuthorisation, GrantProof } from "@nightlight/contract/custodian"
import type { AuthorisationState } from "../../platform/db/tables/filing.ts"
import { UNATTENDED } from "../reports/unattended.ts"

/** A filing authorisation as the server knows it. The custodian's journal is authoritative. */
export interface StoredAuthorisation {
  readonly authorisation: FilingAuthorisation
  readonly proofs: readonly GrantProof[]
  readonly state: AuthorisationState
  readonly madeBy: string
  readonly madeAt: Date
  readonly endedAt: Date | undefined
}

/** How long nothing may have joined a case before it is filed, minutes: a scan pushes its items one after another. */
export const QUIET_MINUTES = 10

/** Id in the place of the person who decides and prepares. */
export const AUTOMATIC = UNATTENDED

/** The event that counts each automatic filing; its subject is the filing authorisation. */
export const APPROVED_EVENT = "report.approved-automatically"

import type { OriginalGrant } from "@nightlight/contract/custodian"
import type { OriginalState } from "../../platform/db/tables/casework.ts"

/** A request to view a whole file. */
export interface OriginalRequest {
  /** `orequest-<uuid>`. */
  readonly id: string
  readonly caseId: string
  readonly itemId: string
  readonly state: OriginalState
  readonly requestedBy: string
  readonly requestedAt: Date
  /** End of the grant; nothing can be done after it. */
  readonly expiresAt: Date
  readonly grant: OriginalGrant
  readonly firstSignature: string
  readonly secondSignature: string | undefined
  /** Who proved, declined or withdrew it. */
  readonly decidedBy: string | undefined
}

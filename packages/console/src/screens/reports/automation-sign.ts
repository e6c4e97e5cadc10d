/**
 * What counsel and reporter sign of a standing authorisation, with the key in this browser.
 * @module
 */
import type { CustodyKeyPair } from "@nightlight/contract/custodian"
import { call } from "../../api/call.ts"
import type { StandingView } from "./queries.ts"

/** Signs a standing authorisation as one of its two people. */
export async function proveAs({ standing }: StandingView, person: string, key: CustodyKeyPair): Promise<StandingView> {
  const { proveStanding } = await import("@nightlight/contract/custodian")
  const proof = await proveStanding(standing, person, key.privateKey)
  return call("POST", `/v1/automation/${standing.standingId}/proof`, { body: { proof } })
}

/** Signs the end of a standing authorisation as one of its two people. */
export async function endAs({ standing }: StandingView, person: string, key: CustodyKeyPair): Promise<StandingView> {
  const { proveStandingRevocation } = await import("@nightlight/contract/custodian")
  const { standingId } = standing
  const at = new Date().toISOString()
  const revocation = { format: "nightlight-standing-revocation/1", standingId, person, at } as const
  const proof = await proveStandingRevocation(revocation, key.privateKey)
  return call("POST", `/v1/automation/${standingId}/end`, { body: { revocation, proof } })
}

/**
 * What counsel and reporter sign of a standing authorisation, with the key in this browser.
 * @module
 */
import { call } from "../../api/call.ts"
import { type PersonKey, sign } from "../../custody/person-key.ts"
import { signNewest } from "../../custody/sign-approval.ts"
import type { StandingView } from "./queries.ts"

/** Signs a standing authorisation as one of its two people. */
export async function proveAs({ standing }: StandingView, person: string, key: PersonKey): Promise<StandingView> {
  const proof = { person, signature: await sign("standing", standing, key) }
  const { standingId } = standing
  const proven = await call<StandingView>("POST", `/v1/automation/${standingId}/proof`, { body: { proof } })
  // Counsel's proof asks for the action that the reporter then answers.
  if (person === standing.counsel) await signNewest({ kind: "report.automate", subject: standingId }, { person, key })
  return proven
}

/** Signs the end of a standing authorisation as one of its two people. */
export async function endAs({ standing }: StandingView, person: string, key: PersonKey): Promise<StandingView> {
  const { standingId } = standing
  const at = new Date().toISOString()
  const revocation = { format: "nightlight-standing-revocation/1", standingId, person, at } as const
  const proof = { person, signature: await sign("standing", revocation, key) }
  return call("POST", `/v1/automation/${standingId}/end`, { body: { revocation, proof } })
}

/**
 * Signing filing authorisations, with the keys in this browser.
 * @module
 */
import { call } from "../../api/call.ts"
import { type PersonKey, sign } from "../../custody/person-key.ts"
import { signNewest } from "../../custody/sign-approval.ts"
import type { AuthorisationView } from "./queries.ts"

/** Signs a filing authorisation, as its counsel or its reporter. */
export async function proveAs(
  { authorisation }: AuthorisationView,
  person: string,
  key: PersonKey,
): Promise<AuthorisationView> {
  const proof = { person, signature: await sign("authorisation", authorisation, key) }
  const { authorisationId } = authorisation
  const proven = await call<AuthorisationView>("POST", `/v1/automation/${authorisationId}/proof`, { body: { proof } })
  // Counsel's proof creates the approval request that the reporter then answers.
  if (person === authorisation.counsel)
    await signNewest({ kind: "report.automate", subject: authorisationId }, { person, key })
  return proven
}

/** Signs the end of a filing authorisation, as its counsel or its reporter. */
export async function signRevocation(
  { authorisation }: AuthorisationView,
  person: string,
  key: PersonKey,
): Promise<AuthorisationView> {
  const { authorisationId } = authorisation
  const at = new Date().toISOString()
  const revocation = { format: "nightlight-filing-authorisation-revocation/1", authorisationId, person, at } as const
  const proof = { person, signature: await sign("authorisation", revocation, key) }
  return call("POST", `/v1/automation/${authorisationId}/end`, { body: { revocation, proof } })
}

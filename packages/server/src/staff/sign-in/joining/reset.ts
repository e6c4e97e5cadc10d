/**
 * Resets a person's credentials, when the authenticator was lost or stolen.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { z } from "zod"
import type { PersonId } from "../../../platform/auth/actor.ts"
import type { EventTransaction } from "../../../platform/events/transact.ts"
import type { ApprovalDefinition } from "../../approvals/types.ts"
import type { People } from "../../people/service.ts"
import { deleteProofs, lockProofs } from "../proofs.ts"
import type { Sessions } from "../sessions/sessions.ts"
import type { MadeLink } from "../types.ts"
import type { Links } from "./links.ts"

interface ResetDeps {
  readonly people: People
  readonly links: Links
  readonly sessions: Sessions
}

/**
 * Removes password, authenticator and single sign-on, ends every session, and makes the link to set them anew.
 *
 * @param approval - By which it is done; absent for break-glass access.
 */
export async function resetCredentials(
  { links, sessions }: ResetDeps,
  tx: EventTransaction,
  personId: PersonId,
  { by, approval }: { readonly by: string; readonly approval?: string },
): Promise<MadeLink> {
  await lockProofs(tx.trx, personId)
  await deleteProofs(tx.trx, personId)
  await sessions.endAll(tx, personId)
  tx.record({ type: "credentials.reset", subject: personId, data: { approval } })
  return links.make(tx, { kind: "reset", personId, by })
}

/** The approval `credentials.reset`; its subject is the person. The link is shown once, to the approver. */
export function resetApproval(deps: ResetDeps): ApprovalDefinition<Record<string, never>> {
  const { people } = deps
  return {
    kind: "credentials.reset",
    payload: z.strictObject({}),
    requestPermission: "person:manage",
    approvePermission: "person:manage",
    assertRequestable: async ({ trx }, { requestedBy, subject }) => {
      if (requestedBy === subject)
        throw new RequestError("forbidden", "you cannot request a reset of your own credentials")
      const person = await people.get(subject, trx)
      if (person.joinedAt === undefined || person.deactivatedAt !== undefined) {
        throw new RequestError("state_conflict", "this person has nothing to reset", { details: { id: subject } })
      }
    },
    perform: async (tx, _payload, { approvalId, subject, requestedBy, approvedBy }) => {
      if (approvedBy === subject)
        throw new RequestError("second_person_required", "you cannot approve a reset of your own credentials")
      const person = await people.get(subject, tx.trx)
      if (person.deactivatedAt !== undefined) throw new RequestError("state_conflict", "this person was deactivated")
      for (const by of [requestedBy, approvedBy]) await people.recordRelation(tx, by, subject, "reset")
      const { url, expiresAt } = await resetCredentials(deps, tx, person.id, { by: approvedBy, approval: approvalId })
      return { url, expiresAt: expiresAt.toISOString() }
    },
  }
}

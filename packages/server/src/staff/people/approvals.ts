/**
 * Granting a role takes two administrators.
 * @module
 */
import { RoleName } from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import { z } from "zod"
import type { ApprovalDefinition } from "../approvals/types.ts"
import type { People } from "./service.ts"

const Payload = z.strictObject({ role: RoleName })

/**
 * The approval `role.grant`; its subject is the person. Nobody grants themselves a role, as requester or as approver.
 */
export function roleGrantApproval(people: People): ApprovalDefinition<z.infer<typeof Payload>> {
  return {
    kind: "role.grant",
    payload: Payload,
    requestPermission: "person:manage",
    approvePermission: "person:manage",
    assertRequestable: async ({ trx }, { requestedBy, subject }) => {
      if (requestedBy === subject) throw new RequestError("forbidden", "you cannot request a role for yourself")
      if ((await people.get(subject, trx)).deactivatedAt !== undefined) {
        throw new RequestError("state_conflict", "this person was deactivated", { details: { id: subject } })
      }
    },
    perform: async (tx, { role }, { approvalId, subject, requestedBy, approvedBy }) => {
      if (approvedBy === subject) throw new RequestError("second_person_required", "you cannot grant yourself a role")
      await people.grant(tx, subject, { role, requestedBy, approvedBy, approval: approvalId })
      for (const by of [requestedBy, approvedBy]) await people.recordRelation(tx, by, subject, "granted")
    },
  }
}

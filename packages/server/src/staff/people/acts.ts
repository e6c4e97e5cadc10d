/**
 * Granting a role takes two administrators.
 * @module
 */
import { RoleName } from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import { z } from "zod"
import type { ActDefinition } from "../approvals/types.ts"
import type { People } from "./service.ts"

const Payload = z.strictObject({ role: RoleName })

/** The act `role.grant`; its subject is the person. Nobody grants themselves a role, as the first or as the second. */
export function roleGrantAct(people: People): ActDefinition<z.infer<typeof Payload>> {
  return {
    kind: "role.grant",
    payload: Payload,
    askPermission: "person:manage",
    secondPermission: "person:manage",
    assertAskable: async ({ trx }, { askedBy, subject }) => {
      if (askedBy === subject) throw new RequestError("forbidden", "nobody asks for a role of their own")
      if ((await people.get(subject, trx)).deactivatedAt !== undefined) {
        throw new RequestError("state_conflict", "this person was deactivated", { details: { id: subject } })
      }
    },
    perform: async (tx, { role }, { actId, subject, askedBy, secondedBy }) => {
      if (secondedBy === subject) throw new RequestError("second_person_required", "nobody grants themselves a role")
      await people.grant(tx, subject, { role, askedBy, secondedBy, act: actId })
      for (const by of [askedBy, secondedBy]) await people.tie(tx, by, subject, "granted")
    },
  }
}

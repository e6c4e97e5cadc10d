/**
 * Making a dispute a known false positive: two people, and only what may be suppressed at all.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"
import type { Transaction } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import type { ActDefinition } from "../../staff/approvals/types.ts"
import { findDispute, writeState } from "./store.ts"
import { type Dispute, FALSE_POSITIVE_ACT } from "./types.ts"

const Payload = z.strictObject({ list: z.string().max(63), caseId: z.string().max(80), itemId: z.string().max(80) })

/** Makes the act. Its subject is the dispute. */
export function falsePositiveAct({ clock }: { readonly clock: Clock }): ActDefinition<z.infer<typeof Payload>> {
  return {
    kind: FALSE_POSITIVE_ACT,
    payload: Payload,
    askPermission: "list:false-positive",
    secondPermission: "list:false-positive",
    assertAskable: async ({ trx }, { subject }) => void (await suppressible(trx, subject)),
    perform: async ({ trx, record }, _payload, { subject, actId, askedBy, secondedBy }) => {
      const { list, entries } = await suppressible(trx, subject)
      await writeState(trx, subject, { state: "accepted", by: secondedBy, at: clock.now() })
      record({
        type: "list.false-positive-recorded",
        subject,
        data: { list, entries, act: actId, people: [askedBy, secondedBy] },
      })
      return undefined
    },
  }
}

async function suppressible(trx: Transaction<Tables>, disputeId: string): Promise<Dispute> {
  const dispute = await findDispute(trx, disputeId, true)
  if (dispute === undefined) throw new RequestError("not_found", "there is no such dispute")
  if (dispute.state !== "open") {
    throw new RequestError("state_conflict", "this dispute does not stand open any more", {
      details: { state: dispute.state },
    })
  }
  if (dispute.bar !== undefined) {
    throw new RequestError("state_conflict", "this match cannot be suppressed", { details: { reason: dispute.bar } })
  }
  return dispute
}

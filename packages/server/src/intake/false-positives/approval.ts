/**
 * The approval that makes a match a known false positive; only matches that may be suppressed at all.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"
import type { Transaction } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import type { ApprovalDefinition } from "../../staff/approvals/types.ts"
import { findFalsePositive, writeState } from "./store.ts"
import { FALSE_POSITIVE_APPROVAL, type FalsePositive } from "./types.ts"

const Payload = z.strictObject({ list: z.string().max(63), caseId: z.string().max(80), itemId: z.string().max(80) })

/** Defines the approval to suppress a match. Its subject is the false positive. */
export function falsePositiveApproval({
  clock,
}: {
  readonly clock: Clock
}): ApprovalDefinition<z.infer<typeof Payload>> {
  return {
    kind: FALSE_POSITIVE_APPROVAL,
    payload: Payload,
    requestPermission: "false-positive:suppress",
    approvePermission: "false-positive:suppress",
    assertRequestable: async ({ trx }, { subject }) => void (await suppressible(trx, subject)),
    perform: async ({ trx, record }, _payload, { subject, approvalId, requestedBy, approvedBy }) => {
      const { list, entries } = await suppressible(trx, subject)
      await writeState(trx, subject, { state: "accepted", by: approvedBy, at: clock.now() })
      record({
        type: "list.false-positive-recorded",
        subject,
        data: { list, entries, approval: approvalId, people: [requestedBy, approvedBy] },
      })
      return undefined
    },
  }
}

async function suppressible(trx: Transaction<Tables>, falsePositiveId: string): Promise<FalsePositive> {
  const falsePositive = await findFalsePositive(trx, falsePositiveId, true)
  if (falsePositive === undefined) throw new RequestError("not_found", "there is no such false positive")
  if (falsePositive.state !== "open") {
    throw new RequestError("state_conflict", "this false positive is no longer open", {
      details: { state: falsePositive.state },
    })
  }
  if (falsePositive.bar !== undefined) {
    throw new RequestError("state_conflict", "this match cannot be suppressed", {
      details: { reason: falsePositive.bar },
    })
  }
  return falsePositive
}

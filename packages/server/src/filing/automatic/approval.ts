/**
 * Switches automatic filing on: counsel requests it and a reporter approves it. Both have proven the filing
 * authorisation with their own keys, and the custodian relies on these proofs alone.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { z } from "zod"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { ApprovalDefinition } from "../../staff/approvals/types.ts"
import { readAuthorisation, writeState } from "./store.ts"

/** Kind of the approval; its subject is the filing authorisation. */
export const AUTOMATE_APPROVAL = "report.automate"

const Payload = z.strictObject({
  environment: z.enum(["test", "production"]),
  lists: z.array(z.string().max(80)).max(32),
  dailyCap: z.int(),
  expiresAt: z.string(),
  reporter: z.string(),
  /** Digest of what reports will say, so that the approver signs the text, too. */
  templateSha256: z.string(),
})

/** Defines the approval that hands a filing authorisation to the custodian. */
export function automateApproval({
  custodian,
}: {
  readonly custodian: Pick<CustodianClient, "grantAuthorisation">
}): ApprovalDefinition<z.infer<typeof Payload>> {
  return {
    kind: AUTOMATE_APPROVAL,
    payload: Payload,
    requestPermission: "report:automate",
    approvePermission: "report:prepare",
    isApprover: ({ reporter }, person) => reporter === person,
    perform: async ({ trx, record }, _payload, { approvalId, subject, requestedBy, approvedBy }) => {
      const known = await readAuthorisation(trx, subject, true)
      if (known?.state !== "requested")
        throw new RequestError("state_conflict", "this filing authorisation is not waiting to be switched on")
      const { authorisation, proofs } = known
      if (requestedBy !== authorisation.counsel || approvedBy !== authorisation.reporter) {
        throw new RequestError("forbidden", "only the two people named by this filing authorisation switch it on")
      }
      const isProven = [authorisation.counsel, authorisation.reporter].every((id) =>
        proofs.some(({ person }) => person === id),
      )
      if (!isProven) {
        throw new RequestError("state_conflict", "both people must first prove it with their own keys", {
          hint: "POST /v1/automation/:authorisationId/proof",
        })
      }
      // May run again if this transaction is retried: the custodian accepts the same document once.
      await custodian.grantAuthorisation({ authorisation, proofs: [...proofs] })
      await writeState(trx, subject, { state: "live", endedAt: null })
      record({
        type: "automation.switched-on",
        subject,
        data: { approval: approvalId, counsel: requestedBy, reporter: approvedBy },
      })
      return undefined
    },
  }
}

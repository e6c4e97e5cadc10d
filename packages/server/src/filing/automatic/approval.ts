/**
 * Switching automatic filing on: counsel asks, a reporter seconds, and both have proven the filing authorisation with
 * their own keys, which is all that the custodian believes.
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
  /** Digest of what reports will say: whoever approves signs the words, too. */
  templateSha256: z.string(),
})

/** Makes the approval. */
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
      if (known?.state !== "asked") throw new RequestError("state_conflict", "this does not wait to be switched on")
      const { authorisation, proofs } = known
      if (requestedBy !== authorisation.counsel || approvedBy !== authorisation.reporter) {
        throw new RequestError("forbidden", "this is switched on by the two people whom it names")
      }
      const isProven = [authorisation.counsel, authorisation.reporter].every((id) =>
        proofs.some(({ person }) => person === id),
      )
      if (!isProven) {
        throw new RequestError("state_conflict", "both people prove it with their own keys first", {
          hint: "POST /v1/automation/:authorisationId/proof",
        })
      }
      // Repeated where this change is: the custodian takes the same document once.
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

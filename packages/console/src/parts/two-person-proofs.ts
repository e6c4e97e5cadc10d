/**
 * Kinds of approval whose approver also signs the approved document itself, because the custodian accepts nothing else.
 * @module
 */
import type { ApprovalView, AutomationList } from "@nightlight/contract/server"
import { approvals as say } from "#messages/approvals.ts"
import { call } from "../api/call.ts"
import { CallError } from "../api/problem.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { type PersonKey, sign } from "../custody/person-key.ts"

/** Signs the document that an approval is about. @throws {CallError} if it differs from what the approval shows. */
export type ApprovalProof = (approval: ApprovalView, person: string, key: PersonKey) => Promise<void>

/** By kind of approval; other kinds have no such document. */
export const PROOFS: Readonly<Record<string, ApprovalProof>> = {
  "report.automate": async ({ subject, payload }, person, key) => {
    const { authorisations } = await call<SchemaOutput<typeof AutomationList>>("GET", "/v1/automation")
    const authorisation = authorisations.find((one) => one.authorisation.authorisationId === subject)?.authorisation
    // Signs only what this page showed: the approval's own payload.
    const shown = payload as Readonly<Record<string, unknown>>
    const isShown =
      authorisation !== undefined &&
      (["environment", "dailyCap", "expiresAt", "reporter"] as const).every(
        (name) => authorisation[name] === shown[name],
      ) &&
      JSON.stringify(authorisation.lists) === JSON.stringify(shown["lists"]) &&
      (await (await import("@nightlight/contract/custodian")).documentDigest(authorisation.template)) ===
        shown["templateSha256"]
    if (!isShown) throw new CallError("state_conflict", say.authorisationMissing, 409)
    const proof = { person, signature: await sign("authorisation", authorisation, key) }
    await call("POST", `/v1/automation/${encodeURIComponent(subject)}/proof`, { body: { proof } })
  },
}

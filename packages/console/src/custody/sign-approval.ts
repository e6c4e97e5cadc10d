/**
 * Signs approvals with the keys in this browser. The requester signs the approval that the server created; the approver
 * signs the same one.
 * @module
 */
import type { ApprovalProof } from "@nightlight/contract/custodian"
import type { ApprovalList, ApprovalView } from "@nightlight/contract/server"
import { approvals as say } from "#messages/approvals.ts"
import { call } from "../api/call.ts"
import { CallError } from "../api/problem.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { type PersonKey, sign } from "./person-key.ts"

/** The person who signs, and their key. */
export interface ApprovalSigner {
  readonly person: string
  readonly key: PersonKey
}

/** The approval that was requested. Only an approval that matches it is signed. */
export interface RequestedApproval {
  readonly kind: string
  /** Id of the approval's subject, if the page knows it. */
  readonly subject?: string
  /** Id of the approval, if the request's answer gave it. */
  readonly approvalId?: string
  /** Members that the approval's payload must contain. */
  readonly payload?: Readonly<Record<string, string>>
}

/** Signs an approval as its requester or its approver. */
export async function proveApproval(
  approval: ApprovalView,
  step: "request" | "approve",
  { person, key }: ApprovalSigner,
): Promise<ApprovalProof> {
  const { approvalStatement, approvalTerms } = await import("@nightlight/contract/custodian")
  const at = new Date().toISOString()
  const document = approvalStatement(await approvalTerms(approval), { step, person, at })
  return { at, proof: { person, signature: await sign("approval", document, key) } }
}

/** Signs an approval as its requester, and sends the signature. */
export async function signRequest(approval: ApprovalView, signer: ApprovalSigner): Promise<ApprovalView> {
  return call("POST", `/v1/approvals/${approval.id}/sign`, {
    body: { proof: await proveApproval(approval, "request", signer) },
  })
}

/**
 * Finds and signs the approval that was just requested.
 *
 * @throws {CallError} `state_conflict` if this person has no such approval waiting.
 */
export async function signNewest(requested: RequestedApproval, signer: ApprovalSigner): Promise<void> {
  const { approvals } = await call<SchemaOutput<typeof ApprovalList>>("GET", "/v1/approvals", {
    query: { state: "waiting" },
  })
  const mine = approvals.find(
    (approval) =>
      approval.requestedBy === signer.person && !approval.signed.requested && isRequestedApproval(approval, requested),
  )
  if (mine === undefined) throw new CallError("state_conflict", say.notWaiting, 409)
  await signRequest(mine, signer)
}

function isRequestedApproval(
  approval: ApprovalView,
  { kind, subject, approvalId, payload = {} }: RequestedApproval,
): boolean {
  const shown = approval.payload as Readonly<Record<string, unknown>>
  return (
    approval.kind === kind &&
    (subject === undefined || approval.subject === subject) &&
    (approvalId === undefined || approval.id === approvalId) &&
    Object.entries(payload).every(([name, value]) => shown[name] === value)
  )
}

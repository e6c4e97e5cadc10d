/**
 * Signing approvals by two people with the key in this browser: whoever asks signs what the server made of it, and whoever
 * approves signs the same approval.
 * @module
 */
import type { ApprovalProof } from "@nightlight/contract/custodian"
import type { ApprovalList, ApprovalView } from "@nightlight/contract/server"
import { approvals as say } from "#messages/approvals.ts"
import { call } from "../api/call.ts"
import type { Of } from "../api/of.ts"
import { CallError } from "../api/problem.ts"
import { type PersonKey, sign } from "./person-key.ts"

/** Who signs, and with what. */
export interface ApprovalSigner {
  readonly person: string
  readonly key: PersonKey
}

/** What somebody asked for: nothing else gets their signature. */
export interface RequestedApproval {
  readonly kind: string
  /** Id of what it is about, where the page knows it. */
  readonly subject?: string
  /** The approval's own id, where asking answered it. */
  readonly approvalId?: string
  /** Members that its payload must hold. */
  readonly payload?: Readonly<Record<string, string>>
}

/** Signs an act as one of its two people. */
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

/** Signs an approval that the reader asked for. */
export async function signRequest(approval: ApprovalView, signer: ApprovalSigner): Promise<ApprovalView> {
  return call("POST", `/v1/approvals/${approval.id}/sign`, {
    body: { proof: await proveApproval(approval, "request", signer) },
  })
}

/**
 * Signs what was just asked for.
 *
 * @throws {CallError} `state_conflict` where no such approval of this person waits.
 */
export async function signNewest(asked: RequestedApproval, signer: ApprovalSigner): Promise<void> {
  const { approvals } = await call<Of<typeof ApprovalList>>("GET", "/v1/approvals", { query: { state: "waiting" } })
  const mine = approvals.find(
    (approval) => approval.requestedBy === signer.person && !approval.signed.requested && isAsked(approval, asked),
  )
  if (mine === undefined) throw new CallError("state_conflict", say.notWaiting, 409)
  await signRequest(mine, signer)
}

function isAsked(approval: ApprovalView, { kind, subject, approvalId, payload = {} }: RequestedApproval): boolean {
  const shown = approval.payload as Readonly<Record<string, unknown>>
  return (
    approval.kind === kind &&
    (subject === undefined || approval.subject === subject) &&
    (approvalId === undefined || approval.id === approvalId) &&
    Object.entries(payload).every(([name, value]) => shown[name] === value)
  )
}

/**
 * Requests and approvals by two people, through the console's HTTP interface.
 * @module
 */
import {
  approvalTerms,
  type CustodyKeyPair,
  type FilingGrant,
  proveApproval,
  proveGrant,
} from "@nightlight/contract/custodian"
import type { ApprovalView } from "@nightlight/contract/server"
import type { Caller } from "./caller.ts"

/** A signed-in person with their signing key. */
export interface Worker extends Caller {
  readonly id: string
  readonly key: CustodyKeyPair
}

async function sign({ id, key }: Worker, approval: ApprovalView, step: "request" | "approve") {
  const terms = await approvalTerms(approval)
  return { proof: await proveApproval(terms, { step, person: id, at: new Date().toISOString() }, key.privateKey) }
}

/** Requests something and signs the request, which then waits for another person. Returns its path. */
export async function request(worker: Worker, path: string, body: object): Promise<string> {
  const { approvalId, id } = await worker.callOrThrow<{ id?: string; approvalId?: string }>("POST", path, body)
  const at = `/v1/approvals/${approvalId ?? id}`
  await worker.callOrThrow("POST", `${at}/sign`, await sign(worker, await worker.callOrThrow("GET", at), "request"))
  return at
}

/** One requests something, another one approves it. */
export async function byTwo(first: Worker, second: Worker, path: string, body: object): Promise<void> {
  const approvalPath = await request(first, path, body)
  await second.callOrThrow(
    "POST",
    `${approvalPath}/approve`,
    await sign(second, await second.callOrThrow("GET", approvalPath), "approve"),
  )
}

/** Signs the grant to file a report. */
export function proveFiling({ id, key }: Worker, grant: FilingGrant) {
  return proveGrant(grant, id, key.privateKey)
}

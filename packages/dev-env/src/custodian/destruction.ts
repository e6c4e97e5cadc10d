import { randomUUID } from "node:crypto"
import {
  type ApprovalStep,
  type DestroyGrant,
  type DiscloseGrant,
  documentDigest,
  type ProvenGrant,
  proveApproval,
} from "@nightlight/contract/custodian"
import type { SealedItem } from "./folders.ts"
import { enrol, type Person } from "./people.ts"

const REQUEST = { requestId: "request-1", sealedSha256: "b".repeat(64) }
const PAYLOAD = "c".repeat(64)
const VALID_MS = 14 * 24 * 3_600_000

/** Deviations from a grant correctly signed by two people. */
export interface Given<Grant> {
  readonly now?: Date
  readonly change?: Partial<Grant>
  /** Kind of the signed statements. */
  readonly kind?: string
  readonly steps?: readonly ApprovalStep[]
  /** Members that differ between the signed grant and the submitted one. */
  readonly signs?: Partial<Grant>
}

/** A grant to destroy, signed by these people; the first is the requester. */
export function destroyGrant(
  people: readonly Person[],
  evidence: readonly SealedItem[],
  given: Given<DestroyGrant> = {},
): Promise<ProvenGrant> {
  const grant: DestroyGrant = {
    ...shared(people, given.now),
    purpose: "destroy",
    basis: "law-enforcement-request",
    request: REQUEST,
    evidence: [...evidence],
    ...given.change,
  }
  return approve(grant, people, { kind: "evidence.destroy", ...given })
}

/** A grant to disclose, signed by these people; the first is the requester. */
export function discloseGrant(
  people: readonly Person[],
  evidence: readonly SealedItem[],
  given: Given<DiscloseGrant> = {},
): Promise<ProvenGrant> {
  const grant: DiscloseGrant = {
    ...shared(people, given.now),
    purpose: "disclose",
    request: REQUEST,
    kind: "custody-record",
    handover: "shown-to-approver",
    evidence: [...evidence],
    ...given.change,
  }
  return approve(grant, people, { kind: "evidence.export", ...given })
}

/** Enrols two people who may destroy and disclose together. */
export async function enrolKeepers(socket: string): Promise<[Person, Person]> {
  return [await enrol(socket, "cora", ["counsel"]), await enrol(socket, "kim", ["custodian"])]
}

function shared(people: readonly Person[], now = new Date()) {
  return {
    format: "nightlight-grant/1" as const,
    grantId: `approval-${randomUUID()}`,
    caseId: "case-1",
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + VALID_MS).toISOString(),
    requestedBy: people[0]?.id ?? "nobody",
  }
}

async function approve<Grant extends DestroyGrant | DiscloseGrant>(
  grant: Grant,
  people: readonly Person[],
  { kind = "", steps = ["request", "approve"], signs = {} }: Given<Grant>,
): Promise<ProvenGrant> {
  const signed: Grant = { ...grant, ...signs }
  const approval = {
    approvalId: signed.grantId,
    kind,
    subject: signed.caseId,
    payloadSha256: PAYLOAD,
    grantSha256: await documentDigest(signed),
  }
  const at = grant.issuedAt
  const signatures = await Promise.all(
    people.map(({ id, key }, place) =>
      proveApproval(approval, { step: steps[place] ?? "approve", person: id, at }, key.privateKey),
    ),
  )
  return {
    grant,
    proofs: signatures.map(({ proof }) => proof),
    approval: { payloadSha256: PAYLOAD, requestedAt: at, approvedAt: at },
  }
}

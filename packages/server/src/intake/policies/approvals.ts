/**
 * The approvals that make a version active, or roll back to the one before.
 * @module
 */
import { Sha256Hex } from "@nightlight/contract"
import { type Clock, RequestError } from "@nightlight/core"
import { formatProblem, loadPolicy } from "@nightlight/screening"
import type { Transaction } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import type { ApprovalDefinition } from "../../staff/approvals/types.ts"
import { admit } from "./admission.ts"
import { digestIn, findVersion, lockPolicies, previousOf, readPolicyText } from "./store.ts"
import { subjectOf } from "./types.ts"
import { makeActive } from "./versions.ts"

/** Kinds of the approvals; the subject of each is the version that will be active. */
export const ACTIVATE_APPROVAL = "policy.activate"
export const ROLL_BACK_APPROVAL = "policy.roll-back"

const Payload = z.strictObject({
  /** The version that will be active. */
  activates: Sha256Hex,
  /** The version that is active; if it is another one by then, the approval was requested for something else. */
  replaces: Sha256Hex,
})
/** Payload of the approvals. */
export type PolicyApprovalPayload = z.infer<typeof Payload>

/** Dependencies of the approvals. */
export interface PolicyApprovalDeps {
  readonly clock: Clock
}

/** The approval that makes a version active. */
export function activateApproval({ clock }: PolicyApprovalDeps): ApprovalDefinition<PolicyApprovalPayload> {
  const check = async (trx: Transaction<Tables>, { activates, replaces }: PolicyApprovalPayload): Promise<void> => {
    await assertActive(trx, replaces)
    if (activates === replaces) throw new RequestError("state_conflict", "this version is already active")
    const policyText = await readPolicyText(trx, activates)
    if (policyText === undefined) throw new RequestError("not_found", "there is no such version of the policy")
    const { problems } = admit(policyText, clock)
    const [first] = problems
    if (first === undefined) return
    throw new RequestError("policy_invalid", `this version cannot be made active: ${formatProblem(first)}`, {
      details: { problems: problems.length, line: first.line, column: first.column },
    })
  }
  return policyApproval(ACTIVATE_APPROVAL, "activated", clock, check)
}

/**
 * The approval that makes the version active again that the active one replaced. It was active before, so it only has
 * to load.
 */
export function rollBackApproval({ clock }: PolicyApprovalDeps): ApprovalDefinition<PolicyApprovalPayload> {
  const check = async (trx: Transaction<Tables>, { activates, replaces }: PolicyApprovalPayload): Promise<void> => {
    await assertActive(trx, replaces)
    if ((await previousOf(trx, replaces)) !== activates) {
      throw new RequestError("state_conflict", "this is not the version that was active before")
    }
    const policyText = await readPolicyText(trx, activates)
    loadPolicy(policyText?.text ?? "", { fileName: "policy.yaml", clock })
  }
  return policyApproval(ROLL_BACK_APPROVAL, "rolled-back", clock, check)
}

function policyApproval(
  kind: string,
  how: "activated" | "rolled-back",
  clock: Clock,
  check: (trx: Transaction<Tables>, payload: PolicyApprovalPayload) => Promise<void>,
): ApprovalDefinition<PolicyApprovalPayload> {
  return {
    kind,
    payload: Payload,
    requestPermission: "policy:activate",
    approvePermission: "policy:approve",
    assertRequestable: ({ trx }, { payload }) => check(trx, payload),
    perform: async (tx, payload, { approvalId, requestedBy, approvedBy }) => {
      await lockPolicies(tx.trx)
      await check(tx.trx, payload)
      await makeActive(tx, clock, { digest: payload.activates, how, approval: { approvalId, requestedBy, approvedBy } })
      return undefined
    },
  }
}

async function assertActive(trx: Transaction<Tables>, digest: string): Promise<void> {
  if ((await digestIn(trx, "active")) !== digest) {
    throw new RequestError("state_conflict", "another version is active by now", {
      hint: "Request it again: the approval covers the version that is replaced.",
    })
  }
}

/** Payload of the approval, for a version that is to become active. */
export async function requestedActivation(
  trx: Transaction<Tables>,
  digest: string,
): Promise<{ readonly subject: string; readonly payload: PolicyApprovalPayload }> {
  const replaces = await digestIn(trx, "active")
  if (replaces === undefined) throw new RequestError("state_conflict", "no policy is active yet")
  return { subject: subjectOf(digest), payload: { activates: digest, replaces } }
}

/** Payload of the approval, for the active version that is to be rolled back. */
export async function requestedRollBack(
  trx: Transaction<Tables>,
  digest: string,
): Promise<{ readonly subject: string; readonly payload: PolicyApprovalPayload }> {
  if ((await findVersion(trx, digest))?.state !== "active") {
    throw new RequestError("state_conflict", "this version is not active: there is nothing to roll back")
  }
  const previous = await previousOf(trx, digest)
  if (previous === undefined) throw new RequestError("state_conflict", "no version was active before this one")
  return { subject: subjectOf(previous), payload: { activates: previous, replaces: digest } }
}

/**
 * Making a version active, and rolling back to the one before: acts of two people.
 * @module
 */
import { Sha256Hex } from "@nightlight/contract"
import { type Clock, RequestError } from "@nightlight/core"
import { formatProblem, loadPolicy } from "@nightlight/screening"
import type { Transaction } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import type { ActDefinition } from "../../staff/approvals/types.ts"
import { admit } from "./admission.ts"
import { digestIn, findVersion, lockPolicies, previousOf, readWords } from "./store.ts"
import { subjectOf } from "./types.ts"
import { makeActive } from "./versions.ts"

/** Kinds of the acts; the subject of each is the version that will be active. */
export const ACTIVATE_ACT = "policy.activate"
export const ROLL_BACK_ACT = "policy.roll-back"

const Payload = z.strictObject({
  /** The version that will be active. */
  activates: Sha256Hex,
  /** The one that is: where it is another by then, the act was asked for something else. */
  replaces: Sha256Hex,
})
/** What the acts carry. */
export type PolicyActPayload = z.infer<typeof Payload>

/** What the acts work with. */
export interface PolicyActDeps {
  readonly clock: Clock
}

/** The act that makes a version active. */
export function activateAct({ clock }: PolicyActDeps): ActDefinition<PolicyActPayload> {
  const check = async (trx: Transaction<Tables>, { activates, replaces }: PolicyActPayload): Promise<void> => {
    await assertActive(trx, replaces)
    if (activates === replaces) throw new RequestError("state_conflict", "this version decides already")
    const words = await readWords(trx, activates)
    if (words === undefined) throw new RequestError("not_found", "there is no such version of the policy")
    const { problems } = admit(words, clock)
    const [first] = problems
    if (first === undefined) return
    throw new RequestError("policy_invalid", `this version cannot be made active: ${formatProblem(first)}`, {
      details: { problems: problems.length, line: first.line, column: first.column },
    })
  }
  return policyAct(ACTIVATE_ACT, "activated", clock, check)
}

/**
 * The act that makes the version active again that the active one took the place of. It has decided before, so it only
 * has to load.
 */
export function rollBackAct({ clock }: PolicyActDeps): ActDefinition<PolicyActPayload> {
  const check = async (trx: Transaction<Tables>, { activates, replaces }: PolicyActPayload): Promise<void> => {
    await assertActive(trx, replaces)
    if ((await previousOf(trx, replaces)) !== activates) {
      throw new RequestError("state_conflict", "this is not the version that was active before")
    }
    const words = await readWords(trx, activates)
    loadPolicy(words?.text ?? "", { fileName: "policy.yaml", clock })
  }
  return policyAct(ROLL_BACK_ACT, "rolled-back", clock, check)
}

function policyAct(
  kind: string,
  how: "activated" | "rolled-back",
  clock: Clock,
  check: (trx: Transaction<Tables>, payload: PolicyActPayload) => Promise<void>,
): ActDefinition<PolicyActPayload> {
  return {
    kind,
    payload: Payload,
    askPermission: "policy:activate",
    secondPermission: "policy:approve",
    assertAskable: ({ trx }, { payload }) => check(trx, payload),
    perform: async (tx, payload, { actId, askedBy, secondedBy }) => {
      await lockPolicies(tx.trx)
      await check(tx.trx, payload)
      await makeActive(tx, clock, { digest: payload.activates, how, act: { actId, askedBy, secondedBy } })
      return undefined
    },
  }
}

async function assertActive(trx: Transaction<Tables>, digest: string): Promise<void> {
  if ((await digestIn(trx, "active")) !== digest) {
    throw new RequestError("state_conflict", "another version decides by now", {
      hint: "Ask again: what is replaced is a part of what two people agree on.",
    })
  }
}

/** What asking for an act takes, of a version that is to be active. */
export async function askedActivation(
  trx: Transaction<Tables>,
  digest: string,
): Promise<{ readonly subject: string; readonly payload: PolicyActPayload }> {
  const replaces = await digestIn(trx, "active")
  if (replaces === undefined) throw new RequestError("state_conflict", "no policy is active yet")
  return { subject: subjectOf(digest), payload: { activates: digest, replaces } }
}

/** What asking for an act takes, of the active version that is to be rolled back. */
export async function askedRollBack(
  trx: Transaction<Tables>,
  digest: string,
): Promise<{ readonly subject: string; readonly payload: PolicyActPayload }> {
  if ((await findVersion(trx, digest))?.state !== "active") {
    throw new RequestError("state_conflict", "this version does not decide: there is nothing to roll back")
  }
  const previous = await previousOf(trx, digest)
  if (previous === undefined) throw new RequestError("state_conflict", "no version was active before this one")
  return { subject: subjectOf(previous), payload: { activates: previous, replaces: digest } }
}

/**
 * Stores a version, and makes one active.
 * @module
 */

import { createHash } from "node:crypto"
import type { Clock } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { Policy } from "@nightlight/screening"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { endShadow } from "./shadow-runs.ts"
import { type Activation, addActivation, digestIn, insertVersion, setState } from "./store.ts"
import { type PolicyText, type PolicyVersion, subjectOf } from "./types.ts"

/** SHA-256 of a policy's text, which identifies it. */
export function digestOf({ text }: PolicyText): string {
  return createHash("sha256").update(text).digest("hex")
}

/** A new version of a loaded policy, as a draft. */
export function toDraft(policyText: PolicyText, policy: Policy, by: { madeBy: string; madeAt: Date }): PolicyVersion {
  return {
    digest: digestOf(policyText),
    policyDigest: policy.digest,
    name: policy.name,
    version: policy.version,
    state: "draft",
    ...by,
    activatedAt: undefined,
    ruleCount: policy.rules.length,
    testCount: policy.testCount,
  }
}

/** Stores a version. The caller holds the lock of policies and knows that it is new. */
export async function keepVersion(
  { trx, record }: EventTransaction,
  version: PolicyVersion,
  policyText: PolicyText,
): Promise<void> {
  await insertVersion(trx, version, policyText)
  const { policyDigest, ruleCount, testCount } = version
  record({
    type: "policy.stored",
    subject: subjectOf(version.digest),
    data: { policy: policyDigest, rules: ruleCount, tests: testCount },
  })
}

/** Makes a stored version active in place of the current one. The caller holds the lock of policies. */
export async function makeActive(
  tx: EventTransaction,
  clock: Clock,
  made: Pick<Activation, "digest" | "how" | "approval">,
): Promise<void> {
  const { trx, record } = tx
  const { digest, how, approval } = made
  const at = clock.now()
  const replaced = await digestIn(trx, "active")
  if ((await digestIn(trx, "shadow")) === digest) {
    await endShadow(tx, digest, { by: approval?.approvedBy ?? "system-policies", at })
  }
  if (replaced !== undefined) {
    await setState(trx, replaced, "retired")
    record({ type: "policy.retired", subject: subjectOf(replaced), data: { by: digest } })
  }
  await setState(trx, digest, "active", at)
  await addActivation(trx, { ...made, replaced, at })
  record({
    type: "policy.activated",
    subject: subjectOf(digest),
    data: compact({ how, replaced, approval: approval === undefined ? undefined : approval.approvalId }),
  })
}

/**
 * Policies: versions, trials over what cases and intake keep, shadow runs, and the acts that make one active.
 * @module
 */

import { pastFindings, untriableFindings } from "../../intake/findings/past-findings.ts"
import { activateAct, rollBackAct } from "../../intake/policies/acts.ts"
import { takePolicyFileJob } from "../../intake/policies/jobs/take-policy-file.ts"
import { tryPolicyJob } from "../../intake/policies/jobs/try-policy.ts"
import { pastFinds } from "../../intake/policies/past-case-items.ts"
import { policyRoutes } from "../../intake/policies/routes.ts"
import { createPolicies } from "../../intake/policies/service.ts"
import type { Feature } from "../../platform/feature.ts"
import type { Shared } from "../../platform/shared.ts"
import type { Incoming } from "./intake.ts"
import type { Staff } from "./staff.ts"
import { policyFileOf } from "./workspace.ts"

/** Makes the feature. */
export function createPolicyDesk(
  shared: Shared,
  { acts, policy }: { readonly acts: Staff["acts"]; readonly policy: Incoming["policy"] },
): Feature {
  const { db, clock, jobs } = shared
  const deps = {
    db,
    clock,
    jobs,
    file: policyFileOf(shared.paths.workspace),
    finds: pastFinds(db),
    findings: pastFindings(shared),
    leftOut: (period: Parameters<typeof untriableFindings>[1]) => untriableFindings(shared, period),
    flushShadow: () => policy.flush(),
  }
  acts.register(activateAct(shared))
  acts.register(rollBackAct(shared))
  return {
    name: "policies",
    routes: (app) => policyRoutes(app, { db, clock, acts, policies: createPolicies(deps) }),
    jobs: [tryPolicyJob(deps), takePolicyFileJob(deps)],
  }
}

import { z } from "zod"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import { runTrial, TRY_POLICY, type TrialDeps } from "../trials.ts"

const Payload = z.strictObject({ trial: z.string() })

/** The job that continues a trial of many findings. */
export function tryPolicyJob(deps: TrialDeps): JobDefinition<z.infer<typeof Payload>> {
  return {
    name: TRY_POLICY,
    payload: Payload,
    tries: 5,
    retryDelaySeconds: 10,
    expireSeconds: 3600,
    run: ({ trial }, signal) => runTrial(deps, trial, signal),
  }
}

import { z } from "zod"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import { VERIFY_FINDING } from "../types.ts"
import { type VerifyFindingDeps, verifyFinding } from "../verify-finding.ts"

const Payload = z.strictObject({ received: z.string() })

/**
 * The job that verifies one received finding once its evidence is here.
 *
 * @param deps - Called at each run: lists and keys may arrive after the process has started.
 */
export function verifyFindingJob(deps: () => Promise<VerifyFindingDeps>): JobDefinition<z.infer<typeof Payload>> {
  return {
    name: VERIFY_FINDING,
    payload: Payload,
    tries: 5,
    retryDelaySeconds: 5,
    // The custodian reads and decodes the whole item.
    expireSeconds: 600,
    concurrency: 2,
    run: async ({ received }, signal) => verifyFinding(await deps(), received, signal),
  }
}

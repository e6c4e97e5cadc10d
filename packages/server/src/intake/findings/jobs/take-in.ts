import { z } from "zod"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import { type TakeInDeps, takeIn } from "../take-in.ts"
import { TAKE_IN } from "../types.ts"

const Payload = z.strictObject({ received: z.string() })

/**
 * The job that takes one received finding in once its evidence is here.
 *
 * @param deps - Asked at each run: lists and keys may come after the process has started.
 */
export function takeInJob(deps: () => Promise<TakeInDeps>): JobDefinition<z.infer<typeof Payload>> {
  return {
    name: TAKE_IN,
    payload: Payload,
    tries: 5,
    retryDelaySeconds: 5,
    // The custodian reads and decodes the whole item.
    expireSeconds: 600,
    concurrency: 2,
    run: async ({ received }, signal) => takeIn(await deps(), received, signal),
  }
}

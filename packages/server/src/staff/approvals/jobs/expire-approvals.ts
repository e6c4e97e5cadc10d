import { z } from "zod"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import type { Approvals } from "../service.ts"

/** Expires approvals that nobody approved in time; runs every ten minutes, until none is left. */
export function expireApprovals({
  approvals,
}: {
  readonly approvals: Approvals
}): JobDefinition<Record<string, never>> {
  return {
    name: "expire-approvals",
    payload: z.strictObject({}),
    tries: 3,
    retryDelaySeconds: 30,
    expireSeconds: 300,
    schedule: "*/10 * * * *",
    run: async (_payload, signal) => {
      while (!signal.aborted && (await approvals.expire()) > 0);
    },
  }
}

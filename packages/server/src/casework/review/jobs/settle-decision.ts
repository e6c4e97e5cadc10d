import { z } from "zod"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import type { ReviewService } from "../service.ts"
import { SETTLE_DECISION } from "../types.ts"

const Payload = z.strictObject({ caseId: z.string().exactOptional() })
type Payload = z.infer<typeof Payload>

/** Settles a decision when it can no longer be undone; each minute, without a case, also those that were left over. */
export function settleDecision({ review }: { readonly review: ReviewService }): JobDefinition<Payload> {
  return {
    name: SETTLE_DECISION,
    payload: Payload,
    tries: 5,
    retryDelaySeconds: 5,
    expireSeconds: 300,
    schedule: "* * * * *",
    run: async ({ caseId }, signal) => {
      if (caseId !== undefined) await review.settle(caseId)
      else await review.settleAll(signal)
    },
  }
}

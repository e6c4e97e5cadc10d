import { z } from "zod"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import type { Acts } from "../service.ts"

/** Lets acts run out that found no second; every ten minutes, until none is left. */
export function expireActs({ acts }: { readonly acts: Acts }): JobDefinition<Record<string, never>> {
  return {
    name: "expire-acts",
    payload: z.strictObject({}),
    tries: 3,
    retryDelaySeconds: 30,
    expireSeconds: 300,
    schedule: "*/10 * * * *",
    run: async (_payload, signal) => {
      while (!signal.aborted && (await acts.expire()) > 0);
    },
  }
}

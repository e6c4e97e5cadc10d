import { z } from "zod"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import type { SignIn } from "../service.ts"

/** Deletes old sessions, links and tries, once a day. */
export function sweepSignIn({ signIn }: { readonly signIn: SignIn }): JobDefinition<Record<string, never>> {
  return {
    name: "sweep-sign-in",
    payload: z.strictObject({}),
    tries: 3,
    retryDelaySeconds: 60,
    expireSeconds: 300,
    schedule: "17 3 * * *",
    run: () => signIn.sweep(),
  }
}

import { z } from "zod"
import type { JobDefinition } from "../../../platform/jobs/job.ts"
import { forgetAnswers, type ScreenDeps } from "../service.ts"

/** The job that deletes the answers of repeated screenings after a day. Runs every hour. */
export function forgetAnswersJob(deps: Pick<ScreenDeps, "db" | "clock">): JobDefinition {
  return {
    name: "forget-answers",
    payload: z.unknown(),
    tries: 2,
    retryDelaySeconds: 60,
    expireSeconds: 120,
    schedule: "17 * * * *",
    run: () => forgetAnswers(deps),
  }
}

import { z } from "zod"
import type { JobDefinition } from "./job.ts"

/** A job that comes round each minute, so that a run which fails is left to the next one. */
export function everyMinute(
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
  { expireSeconds = 60 }: { readonly expireSeconds?: number } = {},
): JobDefinition<Record<string, never>> {
  return {
    name,
    payload: z.strictObject({}),
    tries: 1,
    retryDelaySeconds: 1,
    expireSeconds,
    schedule: "* * * * *",
    run: (_payload, signal) => run(signal),
  }
}

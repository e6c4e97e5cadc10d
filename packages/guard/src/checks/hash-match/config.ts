import { z } from "zod"

/** `kind: hash-match`: pictures against the workspace's lists. */
export const HashMatchConfig = z.strictObject({
  kind: z.literal("hash-match").describe("Matches pictures against the workspace's lists."),
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("lists")
    .describe("Name of the check, used in metrics, signals and `/readyz`."),
  deadlineSeconds: z
    .number()
    .positive()
    .max(300)
    .default(35)
    .describe("Time limit of one run; beyond it the check has failed."),
})

export type HashMatchConfig = z.infer<typeof HashMatchConfig>

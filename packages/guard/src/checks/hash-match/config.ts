import { z } from "zod"

/** `kind: hash-match`: pictures against the workspace's lists. */
export const HashMatchConfig = z.strictObject({
  kind: z.literal("hash-match").describe("Pictures against the workspace's lists."),
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("lists")
    .describe("Your name for the check: metrics, signals and `/readyz` use it."),
  deadlineSeconds: z
    .number()
    .positive()
    .max(300)
    .default(35)
    .describe("How long it may take for one look; beyond it, it has not spoken."),
})

export type HashMatchConfig = z.infer<typeof HashMatchConfig>

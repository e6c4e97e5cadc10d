import { z } from "zod"

/** `kind: hash-match`: pictures against the workspace's lists. */
export const HashMatchConfig = z.strictObject({
  kind: z.literal("hash-match"),
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default("lists"),
  deadlineSeconds: z.number().positive().max(300).default(35),
})

/** One such check. */
export type HashMatchConfig = z.infer<typeof HashMatchConfig>

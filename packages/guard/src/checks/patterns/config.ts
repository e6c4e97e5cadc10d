import { z } from "zod"

/** `kind: patterns`: texts against the operator's lists of phrases. */
export const PatternsConfig = z.strictObject({
  kind: z.literal("patterns"),
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** YAML file with the rules, relative to `guard.yaml`. */
  file: z.string().min(1),
  directions: z
    .array(z.enum(["input", "output"]))
    .min(1)
    .default(["input", "output"]),
  deadlineSeconds: z.number().positive().max(60).default(2),
})

/** One such check. */
export type PatternsConfig = z.infer<typeof PatternsConfig>

/** The file that {@link PatternsConfig} names. */
export const PatternsFile = z.strictObject({
  version: z.literal(1),
  rules: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]{1,40}$/),
        phrases: z.array(z.string().min(2).max(500)).min(1).max(100_000),
        decision: z.enum(["review", "block"]).default("block"),
        /** Recorded and counted, and changes nothing. */
        shadow: z.boolean().default(false),
      }),
    )
    .min(1)
    .max(1_000),
})

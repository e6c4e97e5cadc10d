import { z } from "zod"

const Name = z.string().regex(/^[a-z0-9-]{1,40}$/)

/** One rule; it matches when all of its conditions hold. */
const accountRule = (endpoints: readonly string[]) =>
  z
    .strictObject({
      name: Name.describe("Your name for the rule."),
      ageBands: z
        .array(z.enum(["adult", "minor", "unknown_young", "unknown"]))
        .min(1)
        .exactOptional()
        .describe("Age bands that the operator's channel said."),
      minHeat: z.number().positive().max(1_000).exactOptional().describe("Blocks with decay, at least so many."),
      endpoints: z.array(z.enum(endpoints)).min(1).exactOptional().describe("Endpoints it is about; all unless given."),
      decision: z.enum(["clear", "review", "block"]).default("block").describe("What follows."),
      shadow: z.boolean().default(false).describe("Recorded and counted, and changes nothing."),
    })
    .refine(({ ageBands, minHeat }) => ageBands !== undefined || minHeat !== undefined, {
      message: "a rule needs age bands or a heat",
    })

/** `kind: account`: rules over an end user's account record, which the signed headers select. */
export const accountConfig = (endpoints: readonly string[]) =>
  z.strictObject({
    kind: z.literal("account").describe("What an end user's account record allows."),
    name: Name.describe("Your name for the check: metrics, signals and `/readyz` use it."),
    directions: z
      .array(z.enum(["input", "output"]))
      .min(1)
      .default(["input"])
      .describe("Whether it looks at requests, at answers, or at both."),
    rules: z.array(accountRule(endpoints)).min(1).max(100).describe("Each names an age band, a heat, or both."),
    deadlineSeconds: z
      .number()
      .positive()
      .max(60)
      .default(1)
      .describe("How long it may take for one look; beyond it, it has not spoken."),
  })

export type AccountConfig = z.infer<ReturnType<typeof accountConfig>>

import { z } from "zod"

const Name = z.string().regex(/^[a-z0-9-]{1,40}$/)

/** One rule; it matches when all of its conditions hold. */
const accountRule = (endpoints: readonly string[]) =>
  z
    .strictObject({
      name: Name.describe("Name of the rule."),
      ageBands: z
        .array(z.enum(["adult", "minor", "unknown_young", "unknown"]))
        .min(1)
        .exactOptional()
        .describe("Age bands, as the signed headers state them."),
      minHeat: z
        .number()
        .positive()
        .max(1_000)
        .exactOptional()
        .describe("Heat (decayed number of blocks) from which the rule matches."),
      endpoints: z
        .array(z.enum(endpoints))
        .min(1)
        .exactOptional()
        .describe("Endpoints that the rule covers; all unless given."),
      decision: z.enum(["clear", "review", "block"]).default("block").describe("The decision when the rule matches."),
      shadow: z.boolean().default(false).describe("The match is recorded and counted, and changes nothing."),
    })
    .refine(({ ageBands, minHeat }) => ageBands !== undefined || minHeat !== undefined, {
      message: "a rule needs age bands or a heat",
    })

/** `kind: account`: rules over an end user's account record, which the signed headers select. */
export const accountConfig = (endpoints: readonly string[]) =>
  z.strictObject({
    kind: z.literal("account").describe("Rules over an end user's account record."),
    name: Name.describe("Name of the check, used in metrics, signals and `/readyz`."),
    directions: z
      .array(z.enum(["input", "output"]))
      .min(1)
      .default(["input"])
      .describe("Whether it checks requests, answers, or both."),
    rules: z.array(accountRule(endpoints)).min(1).max(100).describe("Each names an age band, a heat, or both."),
    deadlineSeconds: z
      .number()
      .positive()
      .max(60)
      .default(1)
      .describe("Time limit of one run; beyond it the check has failed."),
  })

/** A configured account check. */
export type AccountConfig = z.infer<ReturnType<typeof accountConfig>>
